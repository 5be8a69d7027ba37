"""The published network of the same budget."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from zen_lightning import zoo
from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.zen import GAMMA
from zen_lightning.report.block_facts import block_facts
from zen_lightning.report.html.markup import Content, element, markup
from zen_lightning.report.html.network import drawing
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.points import Point
from zen_lightning.report.html.tables import link, paragraph, table
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.system.numbers import short_count

PAPER = "https://arxiv.org/abs/2102.01063"

_CLOSED_FORM = "ZenClosedForm"
_TRAINED_ON = {"cifar10": (32, 10), "cifar100": (32, 100), "imagenet": (224, 1000)}
_NEAR = 2.0
_PUBLISHED_BATCH = 64
_LATENCIES = {"v100_ms": "V100, batch 64, float16", "t4_ms": "T4, batch 64, INT8", "pixel2_ms": "Pixel 2, batch 1"}


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
    """Return how networks beside a run are scored: as the search did, if it did so by the closed form of the Zen-score.

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
    limits: Mapping[str, float] = run.result.get("budgets") or {}
    for cost in ("flops", "latency_ms", "params"):
        if cost in limits and (cost != "latency_ms" or _timed_as_published(run)):
            return _nearest(same_images(run), cost, limits[cost])
    return _nearest(same_images(run), "flops", run.result["flops"])


def published_points(run: RunFolder, scorer: Scorer | None) -> list[Point]:
    """Return the published networks for the same images as points beside a search; none without a score."""
    if scorer is None:
        return []
    points = []
    for entry in same_images(run):
        architecture = Architecture.parse(entry.structure)
        score = scorer.score(architecture, entry.resolution)
        if score is not None:
            costs = _without_se(architecture, run)
            points.append(Point(entry.structure, score, *costs, architecture.num_layers, None, f"published: {entry.name}"))
    return points


def published(run: RunFolder, architecture: BaseArchitecture) -> Section | None:
    """Return the section that sets the network of a run beside the published one; None where none was published for it."""
    entry = nearest(run)
    if entry is None:
        return None
    theirs = Architecture.parse(entry.structure)
    result = run.result
    ours_costs, theirs_costs = (_without_se(one, run) for one in (architecture, theirs))
    rows: list[Sequence[Content]] = [
        ("parameters", _exact(ours_costs[0]), _exact(theirs_costs[0])),
        ("FLOPs (multiply-adds)", _exact(ours_costs[1]), _exact(theirs_costs[1])),
        ("layers", architecture.num_layers, theirs.num_layers),
    ]
    scorer = scorer_of(run)
    scores = [scorer.score(one, result["resolution"]) if scorer else None for one in (architecture, theirs)]
    if scorer is not None and None not in scores:
        rows.append((f"Zen-score, closed form, {scorer.bn_variance} variance", *(f"{score:.2f}" for score in scores)))
    top1 = result.get("val_top1")
    rows.append(("top-1", "not trained" if top1 is None else f"{top1:.2f}%", f"{entry.published['top1']:.1f}%, as published"))
    if entry.use_se:
        rows.append(("squeeze-and-excitation", "with" if result.get("use_se") else "without", "with, as published"))
    latencies = [(device, entry.published[key]) for key, device in _LATENCIES.items() if key in entry.published]
    rows += [(f"ms an image, {device}", "", f"{value:g}, as published") for device, value in latencies]
    note = paragraph(
        "Parameters, FLOPs and score of both are counted here, without squeeze-and-excitation, as budgets are. "
        "The rest of the right column is as its authors report it: ",
        link("Zen-NAS, ICCV 2021", PAPER),
        ".",
        class_="note",
    )
    blocks = block_facts(theirs, result["resolution"], result["num_classes"])
    body = markup(
        table(["", "this network", element("code", entry.name)], rows, "This network and the published one"),
        note,
        drawing(blocks, result["resolution"], entry.name, markup("The published network, ", element("code", entry.name), ".")),
    )
    return Section("published", "Beside the published network", body)


def _timed_as_published(run: RunFolder) -> bool:
    """Whether latencies of a run can stand beside the published ones: of a GPU, at batch 64."""
    latency = run.result.get("latency")
    settings = latency.get("settings") or {} if isinstance(latency, Mapping) else run.settings.get("latency") or {}
    return str(settings.get("device", "")).startswith("cuda") and settings.get("batch_size") == _PUBLISHED_BATCH


def _nearest(entries: list[zoo.ZooEntry], cost: str, wanted: float) -> zoo.ZooEntry | None:
    measured = {"flops": lambda e: e.macs, "params": lambda e: e.params, "latency_ms": lambda e: e.published.get("v100_ms")}
    known = [(entry, measured[cost](entry)) for entry in entries if measured[cost](entry)]
    apart = [(abs(math.log(value / wanted)), index) for index, (_, value) in enumerate(known)]
    if not apart or min(apart)[0] > math.log(_NEAR):
        return None
    return known[min(apart)[1]][0]


def _without_se(architecture: BaseArchitecture, run: RunFolder) -> tuple[int, int]:
    resolution, num_classes = run.result["resolution"], run.result["num_classes"]
    return architecture.num_params(num_classes), architecture.flops(resolution, num_classes)


def _exact(value: int) -> Any:
    return f"{short_count(value)} ({value:,})"
