"""The files that the search for a front leaves."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from omegaconf import DictConfig

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import BaseLatencyLimit
from zen_lightning.proxy.base import Score
from zen_lightning.report.costs import cost_names
from zen_lightning.search.front import FrontSetup
from zen_lightning.search.front_points import FrontPoint
from zen_lightning.search.run import SearchOutcome
from zen_lightning.system.files import write_csv, write_json, write_text
from zen_lightning.tasks.search.costs import known_costs, own_costs
from zen_lightning.tasks.search.files import write_history
from zen_lightning.tasks.search.predicted_latency import NetworkLatency, predicted_limit, profile_facts
from zen_lightning.tasks.search.summary import run_figures

if TYPE_CHECKING:
    from zen_lightning.search.exact.front import Line

FILES = ("front.csv", "front.png", "structures", "result.json", "history.csv")
"""What a finished search for a front leaves, in the order in which it is listed."""


class Chosen(NamedTuple):
    """A network of the front that gets a file.

    Attributes:
        file: in the run's folder.
        point: of the front.
        again: its score by the second proxy; None without one.
        latency: where a profile predicts it.
    """

    file: str
    point: FrontPoint
    again: Score | None = None
    latency: NetworkLatency | None = None


def choose(points: Sequence[FrontPoint], setup: FrontSetup) -> list[Chosen]:
    """Return points with the files that they get, named by the first objective."""
    names = cost_names(setup.objectives[0], [point.costs[0] for point in points])
    return [Chosen(f"structures/{name}.txt", point) for name, point in zip(names, points, strict=True)]


def write_front(
    config: DictConfig,
    setup: FrontSetup,
    folder: Path,
    outcomes: list[SearchOutcome],
    front: list[FrontPoint],
    chosen: list[Chosen],
    seconds: float,
    lines: Sequence["Line"] = (),
) -> None:
    """Write ``front.csv``, ``history.csv``, the files in ``structures/`` and, last, ``result.json``.

    Args:
        config: the composed configuration.
        setup: what was searched.
        folder: of the run.
        outcomes: of all searches.
        front: cheap ones first.
        chosen: those that get a file; files of an earlier, shorter search are removed.
        seconds: of this run, from start to end.
        lines: what the exact optimiser proved; each network then has its bound.
    """
    write_history(folder, outcomes)
    costs = [_costs(config, setup, point.architecture) for point in front]
    rows = [(str(point.architecture), point.score, *found.values()) for point, found in zip(front, costs, strict=True)]
    header = ["structure", "score", *costs[0]]
    if lines:
        rows = [(*row, _bound(lines, point)) for row, point in zip(rows, front, strict=True)]
        header.append("bound")
    write_csv(folder / "front.csv", header, rows)
    for one in chosen:
        write_text(folder / one.file, f"{one.point.architecture}\n")
    for path in (folder / "structures").glob("*.txt"):
        if f"structures/{path.name}" not in {one.file for one in chosen}:
            path.unlink()
    write_json(folder / "result.json", _result(config, setup, outcomes, front, chosen, seconds))


def _bound(lines: Sequence["Line"], point: FrontPoint) -> float:
    """Return the least bound of all networks that cost no more than a point of the front."""
    from zen_lightning.search.exact.front import bound_at

    return max(point.score, bound_at(lines, point.costs[0]))


def _result(
    config: DictConfig,
    setup: FrontSetup,
    outcomes: list[SearchOutcome],
    front: list[FrontPoint],
    chosen: list[Chosen],
    seconds: float,
) -> dict[str, Any]:
    best = max(front, key=lambda point: point.score)
    limit = predicted_limit(setup.budget)
    return {
        "structure": str(best.architecture),
        "score": best.score,
        **_told(config, setup, best.architecture),
        "front": len(front),
        "objectives": ["score", *(objective.name for objective in setup.objectives)],
        **({} if limit is None else {"latency": profile_facts(limit)}),
        "structures": [_described(config, setup, one) for one in chosen],
        "proxy": setup.proxy.name,
        "search": config.search.name,
        "optimizer": config.search.optimizer,
        **run_figures(config, setup, outcomes, seconds),
    }


def _described(config: DictConfig, setup: FrontSetup, one: Chosen) -> dict[str, Any]:
    again = {} if one.again is None else {"score_again": one.again.value, "score_again_error": one.again.standard_error}
    timed = {} if one.latency is None else one.latency.as_dict()
    return {"file": one.file, "score": one.point.score, **again, **_told(config, setup, one.point.architecture), **timed}


def _costs(config: DictConfig, setup: FrontSetup, architecture: BaseArchitecture) -> dict[str, Any]:
    """Return all costs by column; the latency where it is known without a measurement, else None."""
    found = known_costs(config, setup, architecture)
    return {**found, BaseLatencyLimit.column: found.get(BaseLatencyLimit.column)}


def _told(config: DictConfig, setup: FrontSetup, architecture: BaseArchitecture) -> dict[str, Any]:
    """Return the costs as a result has them: those of your own limits under ``costs``."""
    own = own_costs(setup, architecture)
    found = _costs(config, setup, architecture)
    return {key: value for key, value in found.items() if key not in own.get("costs", ())} | own
