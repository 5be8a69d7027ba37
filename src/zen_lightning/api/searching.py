"""``zl.search`` and ``zl.pareto``: what the command line does, as functions."""

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from zen_lightning import __version__
from zen_lightning.api.budget import Budget
from zen_lightning.api.depth_training import DepthTraining
from zen_lightning.api.fitted_start import AUTO, automatic_start, fitted_start
from zen_lightning.api.front_plan import FrontPlan, ParetoResult, find_front
from zen_lightning.api.presets import made, preset_names, read_preset, resolved
from zen_lightning.api.search_plan import SearchPlan, check_sizes, find, for_images
from zen_lightning.api.search_result import SearchResult
from zen_lightning.api.sources import read_architecture
from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import Budget as Limits
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import Proxy
from zen_lightning.runs.result import Header, write_result
from zen_lightning.search.events import Notify, Say, saying, silent
from zen_lightning.search.run import SearchSetup
from zen_lightning.search.searches import Effort
from zen_lightning.space import SearchSpace
from zen_lightning.space.super_blocks import space_identity
from zen_lightning.space.usual import usual_start

Space = SearchSpace[Any]
Source = str | Path | BaseArchitecture
R = TypeVar("R")


def search(
    budget: str | Budget = "params1M",
    *,
    space: str | Space | None = None,
    moves: str | None = None,
    start: Source | None = None,
    in_channels: int | None = None,
    resolution: int | None = None,
    num_classes: int | None = None,
    proxy: str | Proxy = "zen",
    iterations: int | None = None,
    population_size: int | None = None,
    restarts: int = 1,
    minutes: float | None = None,
    finalists: int | None = None,
    rerank: str | Proxy | None = "default",
    optimizer: str = "evolution",
    seed: int = 0,
    workers: int | str = 1,
    device: str = "cpu",
    processes: int | None = None,
    threads: int | None = 1,
    in_flight: int | None = None,
    max_tries: int = 10_000,
    images: str | Path | None = None,
    depth_training: DepthTraining | None = None,
    folder: str | Path | None = None,
    progress: bool | Notify = False,
) -> SearchResult:
    """Find an architecture for a budget, as ``task=search`` does.

    The arguments are called like the keys of the command line; what is None is as the presets have it.

    Args:
        budget: the name of a budget, which brings space, start, resolution and classes, or a :class:`~zen_lightning.Budget`.
        space: the name of a search space, or one of your own; for a budget that is no preset by the resolution: ``resnet``
            below 128 px, else ``mobilenet``.
        moves: how blocks are replaced in the spaces ``resnet`` and ``mobilenet``: ``original`` or ``tied`` (docs/optimum.md);
            None: as ``search=`` of that proxy has it.
        start: where the search begins: an architecture, a structure, a name of the zoo, a file, the folder of a run, or
            ``auto``, the usual start of the space; one that is over the budget is made smaller.
        in_channels: channels of the images, 1 for grey ones; None: those of the start.
        resolution: height and width of the images; 224 for a budget that is no preset.
        num_classes: outputs of the classifier; 1000 for a budget that is no preset.
        proxy: the name of a proxy, or one of your own; it is maximised.
        iterations: candidates to draw.
        population_size: members kept.
        restarts: independent searches; the best of all is the answer.
        minutes: after which the search ends with what it has found; None for no limit.
        finalists: how many of the best are scored again.
        rerank: the proxy that does, by name or as an object; None: none does.
        optimizer: ``evolution``, or ``exact`` for the best network there is, with a bound (docs/optimum.md).
        seed: the seed of all draws.
        workers: processes that score; ``auto``: one for each GPU or core; ``ray``: a cluster.
        device: the device of torch.
        processes: searches at a time; None: one for each core.
        threads: the threads of torch in each process that scores.
        in_flight: candidates being scored as the next is drawn.
        max_tries: candidates after which a search that nothing fits gives up.
        images: folder of class folders that proxies read; None: noise.
        depth_training: the short training that chooses the depth, with ``Budget(layers="auto", layers_by="training")``.
        folder: the folder for the files of the run; one that holds this very search continues it. None: nothing is left.
        progress: True shows a bar; or a function that is called with each :data:`~zen_lightning.search.events.Event`.

    Raises:
        UserError: something cannot be used, or nothing fits the budget.

    Example:
        >>> import zen_lightning as zl
        >>> found = zl.search("params1M", iterations=200, population_size=20, finalists=0)
        >>> found.counts["params"] <= 1_000_000, found.score == found.search_score
        (True, True)
    """
    notify, shown = _shown(progress)
    asked = _Asked(budget, space, start, in_channels, resolution, num_classes, proxy, seed, device, images, moves)
    plan = SearchPlan(
        setup=asked.setup(iterations, population_size, max_tries, saying(notify)),
        effort=Effort(restarts, processes, in_flight, threads, workers, device, minutes),
        optimizer=optimizer,
        second=asked.second(rerank, finalists),
        training=asked.training(depth_training, progress is True),
        **asked.common(finalists),
    )
    began = time.monotonic()
    with shown:
        found, place = _within(folder, lambda place: find(plan.ready(saying(notify)), place, notify))
    if place is not None:
        from zen_lightning.api.search_files import search_content, write_tables

        found = replace(found, folder=place)
        write_tables(found, place)
        write_result(place, Header("search", seed, device, began), search_content(found))
    return found


def pareto(
    budget: str | Budget = "params1M",
    *,
    objectives: str | Sequence[str] = ("flops", "params"),
    structures: int = 12,
    rescore: bool = False,
    space: str | Space | None = None,
    moves: str | None = None,
    start: Source | None = None,
    in_channels: int | None = None,
    resolution: int | None = None,
    num_classes: int | None = None,
    proxy: str | Proxy = "zen",
    iterations: int | None = None,
    restarts: int = 1,
    minutes: float | None = None,
    rerank: str | Proxy | None = "default",
    optimizer: str = "evolution",
    seed: int = 0,
    workers: int | str = 1,
    device: str = "cpu",
    processes: int | None = None,
    threads: int | None = 1,
    in_flight: int | None = None,
    max_tries: int = 10_000,
    images: str | Path | None = None,
    folder: str | Path | None = None,
    progress: bool | Notify = False,
) -> ParetoResult:
    """Search once, and return a network for every budget, as ``task=pareto`` does.

    Args:
        budget: its limits are the largest costs; else as for :func:`search`.
        objectives: costs that the score is traded for: ``flops``, ``params``, ``layers``, ``activations``, or whatever the
            budget limits.
        structures: networks of the front that are chosen, spread over the first objective.
        rescore: whether those are scored again, by ``rerank``.
        space: as for :func:`search`, and so are all that follow.
        moves: likewise.
        start: likewise.
        in_channels: likewise.
        resolution: likewise.
        num_classes: likewise.
        proxy: likewise.
        iterations: likewise.
        restarts: likewise; the front is that of all searches together.
        minutes: likewise.
        rerank: likewise.
        optimizer: likewise.
        seed: likewise.
        workers: likewise.
        device: likewise.
        processes: likewise.
        threads: likewise.
        in_flight: likewise.
        max_tries: likewise.
        images: likewise.
        folder: likewise.
        progress: likewise.

    Raises:
        UserError: something cannot be used, or nothing fits the budget.

    Example:
        >>> import zen_lightning as zl
        >>> front = zl.pareto("params1M", objectives="params", iterations=300, structures=4)
        >>> costs = [one.point.costs[0] for one in front.chosen]
        >>> costs == sorted(costs), max(costs) <= 1_000_000
        (True, True)
    """
    notify, shown = _shown(progress)
    asked = _Asked(budget, space, start, in_channels, resolution, num_classes, proxy, seed, device, images, moves)
    plan = FrontPlan(
        setup=asked.setup(iterations, None, max_tries, saying(notify)),
        effort=Effort(restarts, processes, in_flight, threads, workers, device, minutes),
        optimizer=optimizer,
        objectives=[objectives] if isinstance(objectives, str) else list(objectives),
        structures=structures,
        second=asked.second(rerank, None) if rescore else None,
        **asked.common(0),
    )
    began = time.monotonic()
    with shown:
        found, place = _within(folder, lambda place: find_front(plan.ready(saying(notify)), place, notify))
    if place is not None:
        from zen_lightning.api.front_files import front_content, write_front_tables

        found = replace(found, folder=place)
        write_front_tables(found, place)
        write_result(place, Header("pareto", seed, device, began), front_content(found))
    return found


class _Asked:
    """What is asked for, with what the presets say of the rest."""

    def __init__(
        self,
        budget: str | Budget,
        space: str | Space | None,
        start: Source | None,
        in_channels: int | None,
        resolution: int | None,
        num_classes: int | None,
        proxy: str | Proxy,
        seed: int,
        device: str,
        images: str | Path | None,
        moves: str | None,
    ) -> None:
        self.budget = Budget.preset(budget) if isinstance(budget, str) else budget
        preset = read_preset("budget", self.budget.name) if self.budget.name in preset_names("budget") else None
        self.content: Mapping[str, Any] = preset.content if preset else {}
        chosen = preset.choices["search_space"] if preset else AUTO
        self.resolution = self.content.get("resolution", 224) if resolution is None else resolution
        self.num_classes = self.content.get("num_classes", 1000) if num_classes is None else num_classes
        check_sizes(self.resolution, self.num_classes)
        self.seed = seed
        self.values: dict[str, Any] = {
            "resolution": self.resolution,
            "num_classes": self.num_classes,
            "device": device,
            "dataset.name": "noise" if images is None else "image_folder",
            "dataset.root": None if images is None else str(images),
        }
        self.proxy, self.proxy_node = self._object("proxy", proxy)
        self.search = proxy if isinstance(proxy, str) else "evolution"
        self.search_content = read_preset("search", self.search).content.get("search", {})
        self.search_content = self.search_content | self.content.get("search", {})
        by_space = self.search_content.get("moves") or {}
        self.values |= {"search.moves": by_space, **{f"search.moves.{name}": known for name, known in by_space.items()}}
        self.space, self.space_node = self._object("search_space", chosen if space is None else space, moves=moves)
        self.start = start
        self.in_channels = in_channels

    def setup(self, iterations: int | None, population_size: int | None, max_tries: int, say: Say) -> SearchSetup:
        """Return what to search."""
        limits = self.budget.limits(self.resolution, self.num_classes, self.space.bounded)
        start = for_images(self._start(limits), self.in_channels)
        given = self.start not in (None, AUTO)
        fitted = fitted_start(self.space, limits, start, self.resolution, given, self.budget.chooses_depth, say)
        size = self._counted("population_size", population_size, 512)
        setup = SearchSetup(
            space=self.space,
            proxy=self.proxy,
            budget=limits,
            start=fitted,
            seed=self.seed,
            iterations=self._counted("iterations", iterations, 480_000),
            population_size=size,
            max_tries=max_tries,
            identity={
                "version": __version__,
                **self.budget.identity(limits),
                "start": str(fitted),
                "search": {"population_size": size},
                "search_space": space_identity(self.space_node),
                "proxy": self.proxy_node,
                "resolution": self.resolution,
                "num_classes": self.num_classes,
                "seed": self.seed,
            },
            asked_start=start if fitted != start else None,
        )
        if self.budget.latency_ms is None or self.budget.latency_profile is None:
            return setup
        from zen_lightning.latency.calibration import with_fitting_start

        return with_fitting_start(setup, say)

    def second(self, rerank: str | Proxy | None, finalists: int | None) -> Proxy | None:
        """Return what scores finalists again."""
        if rerank is None or (finalists is not None and finalists < 1):
            return None
        if isinstance(rerank, Proxy):
            return rerank
        node = self.search_content.get("rerank")
        if rerank != "default":
            node = read_preset("proxy", rerank, "rerank").content
        if node is None:
            return None
        known = {f"proxy.{key}": value for key, value in self.proxy_node.items()}
        second: Proxy = made(resolved(node, self.values | known))
        return second

    def training(self, given: DepthTraining | None, progress: bool) -> DepthTraining | None:
        """Return the training that chooses the depth, with a bar where one is shown."""
        if self.budget.trains_depths != (given is not None):
            what = "layers_by=training chooses the depth by a training, and depth_training says which"
            remedy = "give both, or neither: depth_training=zl.DepthTraining('cifar10')"
            raise UserError(what, key="depth_training", remedy=remedy, involves=["layers_by"])
        return None if given is None else replace(given, progress=given.progress or progress)

    def common(self, finalists: int | None) -> dict[str, Any]:
        """Return what every plan says."""
        return {
            "resolution": self.resolution,
            "num_classes": self.num_classes,
            "finalists": self._counted("finalists", finalists, 0),
            "chooses_depth": self.budget.chooses_depth,
            "depths": self.budget.depths,
            "calibrate": self.budget.latency_calibrate,
            "names": {"search": self.search, "budget": self.budget.name},
            "notes": self.budget.notes(),
        }

    def _counted(self, key: str, given: int | None, otherwise: int) -> int:
        return int(self.search_content.get(key, otherwise)) if given is None else given

    def _object(self, group: str, given: Any, **settings: Any) -> tuple[Any, dict[str, Any]]:
        """Return an object by its preset with the settings, or as it was given; and what a journal knows it by."""
        said = {name: value for name, value in settings.items() if value is not None}
        if isinstance(given, str):
            key = {"search_space": "space"}.get(group, group)
            node = resolved(read_preset(group, given, key).content, self.values)
            for name, value in said.items():
                if name not in node:
                    raise UserError(f"the search space {given!r} has no {name} to choose", key=name, value=value)
            node = node | said
            return made(node), node
        for name, value in said.items():
            raise UserError(f"it is for a space that is given by its name; {given!r} has its own", key=name, value=value)
        plain = {key: value for key, value in vars(given).items() if isinstance(value, int | float | str | bool | None)}
        return given, {"_target_": f"{type(given).__module__}.{type(given).__qualname__}", **plain}

    def _start(self, limits: Limits) -> BaseArchitecture:
        given, preset = self.start, self.content.get("start", AUTO)
        if given is not None and given != AUTO:
            return read_architecture(str(given) if isinstance(given, Path) else given, "start", self.space)
        if given == AUTO or (preset == AUTO and usual_start(self.space, self.resolution)):
            return automatic_start(self.space, limits, self.resolution, self.num_classes)
        own = preset if self._of_preset() else self.space.start or self._shipped()
        if not own:
            raise UserError("the search needs a start", key="start", remedy="give a structure of the space")
        start: BaseArchitecture = self.space.parse(str(own))
        return start

    def _of_preset(self) -> bool:
        """Whether the preset of the budget is for this space."""
        if not self.content:
            return False
        return bool(self.space.name == read_preset("budget", self.budget.name).choices["search_space"])

    def _shipped(self) -> str:
        """Return where the shipped budgets for the space begin, those for its resolution first."""
        known = [read_preset("budget", name) for name in preset_names("budget")]
        fitting = [one.content for one in known if one.choices["search_space"] == self.space.name]
        fitting.sort(key=lambda content: content["resolution"] != self.resolution)
        return str(fitting[0]["start"]) if fitting else ""


def _within(folder: str | Path | None, work: Callable[[Path], R]) -> tuple[R, Path | None]:
    """Return what is found in a folder, and the folder; in a temporary one, and None, where none was asked for."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="zen-") as temporary:
            return work(Path(temporary)), None
    place = Path(folder).expanduser()
    place.mkdir(parents=True, exist_ok=True)
    return work(place), place


def _shown(progress: bool | Notify) -> tuple[Notify, AbstractContextManager[Any]]:
    """Return what is told of events, and the context that it needs."""
    if callable(progress):
        return progress, nullcontext()
    if not progress:
        return silent, nullcontext()
    from zen_lightning.report.terminal.search_events import SearchEvents

    events = SearchEvents()
    return events, events
