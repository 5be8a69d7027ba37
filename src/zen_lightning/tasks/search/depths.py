"""``budget.layers=auto``: short searches at several depths, of which the calibrated score picks one."""

import json
import statistics
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from omegaconf import DictConfig, OmegaConf

from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.zen_calibrated import ZenCalibrated
from zen_lightning.report import png
from zen_lightning.report.charts.depths import depth_charts
from zen_lightning.report.estimate import estimate_figures
from zen_lightning.report.terminal.table import Table
from zen_lightning.search.depths import best_at_depths
from zen_lightning.search.run import SearchSetup
from zen_lightning.system.cores import available_cores
from zen_lightning.system.files import write_csv, write_json
from zen_lightning.system.numbers import score_text
from zen_lightning.tasks.search.limits import AUTO

DEPTHS = "depths.json"

_SHARE = 16
"""A short search has this part of the iterations of the search: 30,000 of 480,000, some two seconds. A choice: all short
searches together take about as long as the search itself."""

_RESTARTS, _JUDGED = 3, 10
"""Short searches at each depth, and networks of each that are judged. A choice: what a single search finds moves by a point of
the calibrated score from seed to seed, which is as much as two layers are worth."""

_LEAST = 2_000
_DEEPEST = 24
"""The deepest network of Accel-NASBench has 23 layers by this count, stem and last convolution among them; beyond, nothing was
trained that the calibrated score could have learned from."""

_STEP = 2


class Depth(NamedTuple):
    """What a limit on layers gives.

    Attributes:
        limit: on layers.
        layers: that the best network has.
        score: of the best network by the proxy of the search.
        calibrated: the calibrated score, the mean of the best networks of all short searches.
        top1: the estimate of ImageNet top-1 after 16 epochs, the mean likewise; None out of its range.
        structure: of the best network.
    """

    limit: int
    layers: int
    score: float
    calibrated: float
    top1: float | None
    structure: str


def is_auto(config: DictConfig) -> bool:
    """Return whether the configuration leaves the limit on layers to be chosen."""
    return bool(config.budget.layers == AUTO)


def with_chosen_depth(config: DictConfig, setup: SearchSetup, folder: Path) -> DictConfig:
    """Return the configuration with the limit on layers that was chosen, and write down how.

    A folder that holds a choice keeps it, so that a killed search goes on under the same limit. What is searched begins where
    the short searches began.

    Args:
        config: the composed configuration.
        setup: of the search, without a limit on layers.
        folder: of the run; ``depths.json``, ``depths.csv`` and ``depths.png`` go there.

    Raises:
        UserError: the start is over another limit, nothing was found at any depth, or the folder holds a choice that was made
            for another search.
    """
    search = _search_of(config, setup)
    found = _kept(folder / DEPTHS, search)
    if found is None:
        found = _searched(config, setup)
        folder.mkdir(parents=True, exist_ok=True)
        write_csv(folder / "depths.csv", Depth._fields, found)
        _plot(folder, found, setup)
        depths = [one._asdict() for one in found]
        write_json(folder / DEPTHS, {"chosen": best_of(found).limit, "depths": depths, "search": search})
    _show(found, setup)
    chosen = config.copy()
    chosen.budget.layers = best_of(found).limit
    chosen.start = str(setup.start)
    return chosen


def best_of(depths: list[Depth]) -> Depth:
    """Return the depth with the highest calibrated score; of equals, the one with fewest layers."""
    return max(depths, key=lambda one: (one.calibrated, -one.limit))


def _searched(config: DictConfig, setup: SearchSetup) -> list[Depth]:
    setup.budget.check(setup.start, "the start")
    limits = depth_limits(config, setup)
    iterations = max(_LEAST, setup.iterations // _SHARE)
    proxy = setup.proxy if setup.proxy.cheap else ZenClosedForm(config.resolution)
    processes = min(available_cores(), _RESTARTS * len(limits)) if setup.proxy.cheap else 1
    listed = ", ".join(map(str, limits))
    print(f"choosing the depth: {_RESTARTS} searches of {iterations:,} iterations at each of {listed} layers", flush=True)
    short = replace(setup, proxy=proxy, iterations=iterations)
    judge = ZenCalibrated(config.resolution)
    depths = []
    for limit, found in zip(limits, best_at_depths(short, limits, _JUDGED, _RESTARTS, processes), strict=True):
        if not found:
            continue
        best, networks = found[0], [one.architecture for one in found]
        calibrated = statistics.fmean(judge.score(network).value for network in networks)
        estimates = [estimate_figures(network, config.resolution, config.num_classes) for network in networks]
        known = [one["top1"] for one in estimates if one is not None]
        top1 = statistics.fmean(known) if known else None
        depths.append(Depth(limit, best.architecture.num_layers, best.score, calibrated, top1, str(best.architecture)))
    if not depths:
        shapes = " and of the shape asked for" if setup.budget.shapes else ""
        raise UserError(
            f"budget.layers=auto: no network within the other limits{shapes} was found with at most {listed} layers (the start "
            f"has {setup.start.num_layers}): raise a limit, or give larger budget.depths"
        )
    return depths


def depth_limits(config: DictConfig, setup: SearchSetup) -> list[int]:
    """Return the limits on layers that are tried: ``budget.depths``, or from those of the start up to 24.

    Raises:
        UserError: ``budget.depths`` is no list of numbers of layers.
    """
    wanted: Any = config.budget.depths
    if wanted is not None:
        wanted = OmegaConf.to_container(wanted) if OmegaConf.is_config(wanted) else wanted
        if not isinstance(wanted, list) or not wanted or not all(type(one) is int and one > 0 for one in wanted):
            raise UserError(
                f"budget.depths={wanted}: expected a list of numbers of layers, such as [10,14,18]; null for the usual"
            )
        return sorted(set(wanted))
    least = setup.start.num_layers
    return list(range(least + least % _STEP, max(_DEEPEST, least) + 1, _STEP))


def _search_of(config: DictConfig, setup: SearchSetup) -> str:
    """Return what the choice was made for, as one number: the search but for its iterations, and the depths asked for."""
    depths = OmegaConf.to_container(config.budget.depths) if OmegaConf.is_config(config.budget.depths) else config.budget.depths
    told = json.dumps([setup.identity, depths], sort_keys=True, default=str)
    return sha256(told.encode()).hexdigest()


def _kept(path: Path, search: str) -> list[Depth] | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        found = [Depth(**one) for one in content["depths"]]
        if content["search"] == search:
            return found
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path} cannot be read ({error}): delete it, and the depth is chosen again") from error
    raise UserError(f"{path} belongs to another search: delete it, or choose another output_dir")


def _show(depths: list[Depth], setup: SearchSetup) -> None:
    chosen = best_of(depths)
    table = Table(
        f"Depth: the calibrated score chose at most {chosen.limit} layers",
        ["at most", "layers", setup.proxy.name, "calibrated", "estimate", ""],
    )
    for one in depths:
        top1 = "-" if one.top1 is None else f"{one.top1:.1f}%"
        mark = "chosen" if one is chosen else ""
        table.add(one.limit, one.layers, score_text(one.score), f"{one.calibrated:.3f}", top1, mark)
    print()
    table.print()


def _plot(folder: Path, depths: list[Depth], setup: SearchSetup) -> None:
    try:
        png.draw(folder / "depths.png", depth_charts([one._asdict() for one in depths], setup.proxy.name))
    except MissingExtraError as error:
        print(f"no plot of the depths: {error}")
