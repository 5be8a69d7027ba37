"""``zl.search`` and ``zl.pareto``: what the command line does, as functions."""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from zen_lightning.api.budget import Budget
from zen_lightning.api.depth_training import DepthTraining
from zen_lightning.api.front_plan import FrontPlan, ParetoResult, find_front
from zen_lightning.api.kept_folder import kept_folder
from zen_lightning.api.search_arguments import SearchArguments, Source, Space
from zen_lightning.api.search_execution import find
from zen_lightning.api.search_plan import SearchPlan
from zen_lightning.api.search_result import SearchResult
from zen_lightning.proxy.base import Proxy
from zen_lightning.runs.result import Header, write_result
from zen_lightning.search.events import Notify, saying, silent
from zen_lightning.search.searches import Effort
from zen_lightning.system.checked import checked
from zen_lightning.system.value_types import Channels, Classes, Cores, Count, CountFrom0, Minutes, Pixels, Seed, Workers


@checked
def search(
    budget: str | Budget = "params1M",
    *,
    space: str | Space | None = None,
    moves: str | None = None,
    start: Source | None = None,
    in_channels: Channels | None = None,
    resolution: Pixels | None = None,
    num_classes: Classes | None = None,
    proxy: str | Proxy = "zen",
    iterations: CountFrom0 | None = None,
    population_size: Count | None = None,
    restarts: Count = 1,
    minutes: Minutes | None = None,
    finalists: CountFrom0 | None = None,
    rerank: str | Proxy | None = "default",
    optimizer: str = "evolution",
    seed: Seed = 0,
    workers: Workers = 1,
    device: str = "cpu",
    processes: Cores | None = None,
    threads: Cores | None = 1,
    in_flight: Count | None = None,
    max_tries: Count = 10_000,
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
    asked = SearchArguments(budget, space, start, in_channels, resolution, num_classes, proxy, seed, device, images, moves)
    plan = SearchPlan(
        setup=asked.setup(iterations, population_size, max_tries, saying(notify)),
        effort=Effort(restarts, processes, in_flight, threads, workers, device, minutes),
        optimizer=optimizer,
        second=asked.second(rerank, finalists),
        training=asked.training(depth_training, progress is True),
        **asked.common(finalists),
    )
    began = time.monotonic()
    with shown, kept_folder(folder) as place:
        found = find(plan.ready(saying(notify)), place, notify)
    if folder is not None:
        from zen_lightning.api.search_files import search_content, write_tables

        found = replace(found, folder=place)
        write_tables(found, place)
        write_result(place, Header("search", seed, device, began), search_content(found))
    return found


@checked
def pareto(
    budget: str | Budget = "params1M",
    *,
    objectives: str | Sequence[str] = ("flops", "params"),
    structures: Count = 12,
    rescore: bool = False,
    space: str | Space | None = None,
    moves: str | None = None,
    start: Source | None = None,
    in_channels: Channels | None = None,
    resolution: Pixels | None = None,
    num_classes: Classes | None = None,
    proxy: str | Proxy = "zen",
    iterations: CountFrom0 | None = None,
    restarts: Count = 1,
    minutes: Minutes | None = None,
    rerank: str | Proxy | None = "default",
    optimizer: str = "evolution",
    seed: Seed = 0,
    workers: Workers = 1,
    device: str = "cpu",
    processes: Cores | None = None,
    threads: Cores | None = 1,
    in_flight: Count | None = None,
    max_tries: Count = 10_000,
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
    asked = SearchArguments(budget, space, start, in_channels, resolution, num_classes, proxy, seed, device, images, moves)
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
    with shown, kept_folder(folder) as place:
        found = find_front(plan.ready(saying(notify)), place, notify)
    if folder is not None:
        from zen_lightning.api.front_files import front_content, write_front_tables

        found = replace(found, folder=place)
        write_front_tables(found, place)
        write_result(place, Header("pareto", seed, device, began), front_content(found))
    return found


def _shown(progress: bool | Notify) -> tuple[Notify, AbstractContextManager[Any]]:
    """Return what is told of events, and the context that it needs."""
    if callable(progress):
        return progress, nullcontext()
    if not progress:
        return silent, nullcontext()
    from zen_lightning.report.terminal.search_events import SearchEvents

    events = SearchEvents()
    return events, events
