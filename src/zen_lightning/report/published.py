"""The published networks that a run can be compared with."""

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

from zen_lightning import zoo
from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.budget import BaseLatencyLimit, FlopsLimit, ParamsLimit, counts
from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.zen import GAMMA
from zen_lightning.report.charts.networks import Point
from zen_lightning.report.costs import Kind, limited
from zen_lightning.runs.run_folder import RunFolder

_CLOSED_FORM = "ZenClosedForm"
_TRAINED_ON = {"cifar10": (32, 10), "cifar100": (32, 100), "imagenet": (224, 1000)}

_NEAR = 2.0
"""Largest ratio of costs that still counts as the same budget. A choice."""

_BATCH = 64
"""Batch size of the latencies that were published for GPUs."""

_PUBLISHED: dict[Kind, Callable[[zoo.ZooEntry], float | None]] = {
    FlopsLimit: lambda entry: entry.macs,
    BaseLatencyLimit: lambda entry: entry.published.get("v100_ms"),
    ParamsLimit: lambda entry: entry.params,
}
"""Costs that budgets are compared by, the most informative first."""


class Scorer(NamedTuple):
    """The closed form as a run uses it.

    Attributes:
        bn_variance: ``batch`` or ``running``.
        gamma: size of the perturbation.
    """

    bn_variance: str = "running"
    gamma: float = GAMMA

    def score(self, architecture: BaseArchitecture, resolution: int) -> float | None:
        """Return the Zen-score in closed form; None for a network that has none."""
        try:
            return ZenClosedForm(resolution, self.bn_variance, self.gamma).score(architecture).value
        except CannotScoreError:
            return None


def scorer_of(run: RunFolder) -> Scorer | None:
    """Return how published networks are scored: as the search did, if it did so by the closed form of the Zen-score.

    A run without a proxy of its own has the closed form as its paper defines it.
    """
    if "search" not in run.result:
        return Scorer()
    if not str(run.setting("proxy._target_") or "").endswith(f".{_CLOSED_FORM}"):
        return None
    return Scorer(run.setting("proxy.bn_variance") or "running", run.setting("proxy.gamma") or GAMMA)


def same_images(run: RunFolder) -> list[zoo.ZooEntry]:
    """Return the published networks for images and classes like those of a run; of a training, for its dataset too."""
    result = run.result
    resolution, classes = result["resolution"], result["num_classes"]
    dataset = result.get("dataset")
    if dataset is not None and _TRAINED_ON.get(dataset) != (resolution, classes):
        return []
    entries = [zoo.entry(name) for name in zoo.names()]
    return [entry for entry in entries if (entry.resolution, entry.num_classes) == (resolution, classes)]


def nearest(run: RunFolder) -> zoo.ZooEntry | None:
    """Return the published network whose costs are nearest to the budget of a run, or to its network where there is none.

    Of several limits the FLOPs count, or else the latency if it is that of a GPU at the published batch size, or else the
    parameters. A network of less than half or more than twice the cost is none of the same budget.
    """
    limits = dict(limited(run))
    for kind in _PUBLISHED:
        if kind in limits and (kind is not BaseLatencyLimit or _timed_as_published(run)):
            return _nearest(same_images(run), kind, limits[kind])
    return _nearest(same_images(run), FlopsLimit, run.result[FlopsLimit.column])


def published_points(run: RunFolder) -> list[Point]:
    """Return the published networks for the same images as points in the chart of a search; none without a score."""
    scorer = scorer_of(run)
    if scorer is None:
        return []
    points = []
    for entry in same_images(run):
        architecture = Architecture.parse(entry.structure)
        score = scorer.score(architecture, entry.resolution)
        if score is not None:
            costs = counts(architecture, entry.resolution, entry.num_classes)
            points.append(Point(entry.structure, score, costs, f"published: {entry.name}"))
    return points


def short_name(name: str) -> str:
    """Return a published network as a picture calls it.

    Example:
        >>> short_name("published: zennet_imagenet1k_flops600M_SE_res224")
        'flops600M_SE'
    """
    return name.split("_", 2)[-1].rpartition("_res")[0] or name


def _timed_as_published(run: RunFolder) -> bool:
    """Whether latencies of a run can be compared with the published ones: of a GPU, at batch 64."""
    latency = run.result.get("latency")
    settings = latency.get("settings") or {} if isinstance(latency, Mapping) else run.settings.get("latency") or {}
    return str(settings.get("device", "")).startswith("cuda") and settings.get("batch_size") == _BATCH


def _nearest(entries: list[zoo.ZooEntry], kind: Kind, wanted: float) -> zoo.ZooEntry | None:
    known = [(entry, value) for entry in entries if (value := _PUBLISHED[kind](entry))]
    apart = [(abs(math.log(value / wanted)), index) for index, (_, value) in enumerate(known)]
    if not apart or min(apart)[0] > math.log(_NEAR):
        return None
    return known[min(apart)[1]][0]
