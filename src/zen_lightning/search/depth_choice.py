"""The depth of a search: short searches at several depths, among which the calibrated score or a training picks one."""

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from zen_lightning.arch import BaseArchitecture
from zen_lightning.errors import UserError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.estimate import OutOfRangeError, estimate_top1
from zen_lightning.proxy.zen_calibrated import ZenCalibrated
from zen_lightning.search.depths import at_depth, best_at_depths
from zen_lightning.search.events import Say
from zen_lightning.search.run import Candidate, SearchSetup
from zen_lightning.system.cores import available_cores
from zen_lightning.system.json_files import read_json, write_json
from zen_lightning.system.ordinary_file import holds_file
from zen_lightning.system.schema import COUNT, TEXT, ListOf, Number, Record

DEPTHS = "depths.json"
"""The choice, in the folder of a run."""

CALIBRATED, TRAINING = "calibrated", "training"
"""What can choose."""

_SHARE = 16
"""A short search has this part of the iterations of the search: 30,000 of 480,000, some two seconds. A choice: all short
searches together take about as long as the search itself."""

_RESTARTS, _JUDGED = 3, 10
"""Short searches at each depth, and networks of each that are judged. A choice: what a single search finds moves by a point of
the calibrated score from seed to seed, which is as much as two layers are worth."""

_JUDGED_OPTIMA = 4
"""Networks of different structures judged at each depth by the exact optimiser. A choice: it finds the same each time, and the
more are asked for, the further below the optimum it has to look."""

_LEAST = 2_000
"""Iterations of a short search, at least. A choice: a population of 512 has been replaced some times by then."""

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
        trained: top-1 of the best network after a short training, in percent; None where none was asked for.
    """

    limit: int
    layers: int
    score: float
    calibrated: float
    top1: float | None
    structure: str
    trained: float | None = None


Trainer: TypeAlias = Callable[[Sequence[Depth], Sequence[BaseArchitecture]], list[Depth]]
"""Trains the best network of each depth, and returns the depths with what each reached. The search itself trains nothing."""


_DEPTH = Record(
    {"limit": COUNT, "layers": COUNT, "score": Number(), "calibrated": Number(), "top1": Number(0, 100), "structure": TEXT},
    required=("limit", "layers", "score", "calibrated", "structure"),
)
_CONTENT = Record({"search": TEXT, "depths": ListOf(_DEPTH)}, required=("search", "depths"))


def choose_depth(
    setup: SearchSetup,
    depths: Sequence[int] | None,
    resolution: int,
    num_classes: int,
    folder: Path,
    say: Say,
    train: Trainer | None = None,
    trained_as: Mapping[str, Any] | None = None,
    exact: bool = False,
    seconds: float | None = None,
) -> list[Depth]:
    """Return what each limit on layers gives; :func:`best_depth` is the choice.

    A folder that holds a choice keeps it, so that a killed search goes on under the same limit. What the short searches found
    is kept before anything is trained.

    Args:
        setup: of the search, without a limit on layers.
        depths: limits that are tried; None: see :func:`depth_limits`.
        resolution: height and width of the images.
        num_classes: outputs of the classifier.
        folder: of the run; ``depths.json`` is kept there.
        say: is told what is done.
        train: trains the best network of each depth; None: the calibrated score chooses.
        trained_as: what the accuracies depend on; with other values the folder holds another choice.
        exact: whether the exact optimiser finds the best networks of each depth, instead of short searches.
        seconds: of all exact searches together; short searches have their iterations.

    Raises:
        UserError: the start is over another limit, nothing was found at any depth, or the folder holds a choice that was made
            for another search.
        TimeIsUpError: an exact search knew no network when the time was up.
    """
    # The search but for its iterations, the depths asked for, and how they are judged, as one number.
    asked = [
        setup.identity,
        None if depths is None else list(depths),
        *([] if train is None else [trained_as]),
        *(["exact"] if exact else []),
    ]
    search = sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()
    path = folder / DEPTHS
    found = _kept(path, search)
    if found is None:
        found = _searched(setup, depth_limits(setup, depths), resolution, num_classes, say, exact, seconds)
        _keep(path, found, search, complete=train is None)
    if train is not None and chosen_by(found) != TRAINING:
        found = train(found, [setup.space.parse(one.structure) for one in found])
        _keep(path, found, search)
    return found


def chosen_by(depths: Sequence[Depth]) -> str:
    """Return what chooses among depths: ``training`` where each best network was trained, else ``calibrated``."""
    return TRAINING if depths and all(one.trained is not None for one in depths) else CALIBRATED


def best_depth(depths: Sequence[Depth]) -> Depth:
    """Return the depth with the highest trained accuracy, or calibrated score; of equals, the one with fewest layers.

    Example:
        >>> shallow, deep = Depth(8, 8, 20.0, 61.2, None, "a"), Depth(12, 12, 31.0, 60.9, None, "b")
        >>> best_depth([shallow, deep]).limit, best_depth([shallow._replace(trained=71.0), deep._replace(trained=73.5)]).limit
        (8, 12)
    """
    trained = chosen_by(depths) == TRAINING
    return max(depths, key=lambda one: ((one.trained or 0.0) if trained else one.calibrated, -one.limit))


def under_depth(setup: SearchSetup, layers: int) -> SearchSetup:
    """Return the search under the limit on layers that was chosen for it."""
    chosen = at_depth(setup, layers)
    limits = {limit.name: limit.maximum for limit in chosen.budget.limits}
    return replace(chosen, identity={**setup.identity, "budget": limits})


def depth_limits(setup: SearchSetup, depths: Sequence[int] | None) -> list[int]:
    """Return the limits on layers that are tried: those given, or from those of the start up to 24.

    Raises:
        UserError: what is given is no list of numbers of layers.
    """
    if depths is not None:
        whole = isinstance(depths, Sequence) and not isinstance(depths, str)
        if not whole or not depths or not all(type(one) is int and one > 0 for one in depths):
            expected = "a list of numbers of layers, such as [10,14,18]; {None} for the usual"
            raise UserError(key="depths", value=depths, expected=expected)
        return sorted(set(depths))
    least = setup.start.num_layers
    return list(range(least + least % _STEP, max(_DEEPEST, least) + 1, _STEP))


def _optima(setup: SearchSetup, limits: list[int], resolution: int, say: Say, seconds: float | None) -> list[list[Candidate]]:
    from zen_lightning.search.exact.depths import optima_at_depths

    say(f"choosing the depth: the optimum under each of {_listed(limits)} layers")
    found = optima_at_depths(setup, limits, _JUDGED_OPTIMA, resolution, available_cores(), seconds)
    late = [limit for limit, one in zip(limits, found, strict=True) if not one.in_time]
    if late:
        say(f"no complete proof in time under {_listed(late)} layers: the best networks known by then count")
    return [one.networks for one in found]


def _short_searches(setup: SearchSetup, limits: list[int], resolution: int, say: Say) -> list[list[Candidate]]:
    setup.budget.check(setup.start, "the start")
    iterations = max(_LEAST, setup.iterations // _SHARE)
    proxy = setup.proxy if setup.proxy.cheap else ZenClosedForm(resolution)
    processes = min(available_cores(), _RESTARTS * len(limits)) if setup.proxy.cheap else 1
    say(f"choosing the depth: {_RESTARTS} searches of {iterations:,} iterations at each of {_listed(limits)} layers")
    short = replace(setup, proxy=proxy, iterations=iterations)
    return best_at_depths(short, limits, _JUDGED, _RESTARTS, processes)


def _listed(limits: list[int]) -> str:
    return ", ".join(map(str, limits))


def _searched(
    setup: SearchSetup,
    limits: list[int],
    resolution: int,
    num_classes: int,
    say: Say,
    exact: bool,
    seconds: float | None,
) -> list[Depth]:
    if exact:
        best_of_each = _optima(setup, limits, resolution, say, seconds)
    else:
        best_of_each = _short_searches(setup, limits, resolution, say)
    judge = ZenCalibrated(resolution)
    depths = []
    for limit, found in zip(limits, best_of_each, strict=True):
        if not found:
            continue
        best, networks = found[0], [one.architecture for one in found]
        calibrated = statistics.fmean(judge.score(network).value for network in networks)
        estimates = [_top1(network, resolution, num_classes) for network in networks]
        known = [top1 for top1 in estimates if top1 is not None]
        top1 = statistics.fmean(known) if known else None
        depths.append(Depth(limit, best.architecture.num_layers, best.score, calibrated, top1, str(best.architecture)))
    if not depths:
        shapes = " and of the shape asked for" if setup.budget.shapes else ""
        raise UserError(
            f"no network within the other limits{shapes} was found with at most {_listed(limits)} layers (the start has "
            f"{setup.start.num_layers})",
            key="layers",
            value="auto",
            remedy="raise a limit, or give larger {depths}",
            involves=["depths"],
        )
    return depths


def _top1(network: BaseArchitecture, resolution: int, num_classes: int) -> float | None:
    try:
        return round(estimate_top1(network, resolution, num_classes).top1, 2)
    except OutOfRangeError:
        return None


def _keep(path: Path, found: list[Depth], search: str, complete: bool = True) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    chosen = best_depth(found).limit if complete else None
    write_json(path, {"chosen": chosen, "depths": [one._asdict() for one in found], "search": search})


def _kept(path: Path, search: str) -> list[Depth] | None:
    if not holds_file(path):
        return None
    content = read_json(path, "delete it, and the depth is chosen again", _CONTENT).content
    if content["search"] == search:
        return [Depth(**{name: one.get(name) for name in Depth._fields}) for one in content["depths"]]
    raise UserError(f"{path} belongs to another search", remedy="delete it, or choose another folder")
