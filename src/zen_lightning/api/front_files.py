"""The files that the search for a front leaves."""

from pathlib import Path
from typing import Any

from zen_lightning.api.front_plan import FrontNetwork, ParetoResult
from zen_lightning.api.search_files import effort_content, how_content, write_history
from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import BaseLatencyLimit
from zen_lightning.report.costs import cost_names
from zen_lightning.runs.names import RESULT
from zen_lightning.system.csv_files import write_csv
from zen_lightning.system.files import write_text

FILES = ("front.csv", "front.png", "structures", RESULT, "history.csv")
"""What a finished search for a front leaves, in the order in which it is listed."""


def structure_files(found: ParetoResult) -> list[str]:
    """Return the file of each network that was chosen, named by the first objective."""
    names = cost_names(found.setup.objectives[0], [one.point.costs[0] for one in found.chosen])
    return [f"structures/{name}.txt" for name in names]


def write_front_tables(found: ParetoResult, folder: Path) -> None:
    """Write ``front.csv``, ``history.csv`` and the files in ``structures/``; those of an earlier, shorter search are removed.

    Args:
        found: what was found by the search.
        folder: the folder of the run.
    """
    write_history(found, folder)
    costs = [_costs(found, point.architecture) for point in found.points]
    rows = [(str(point.architecture), point.score, *one.values()) for point, one in zip(found.points, costs, strict=True)]
    header = ["structure", "score", *costs[0]]
    if found.lines:
        bounds = [found.bounds(point) for point in found.points]
        rows = [(*row, *one.values()) for row, one in zip(rows, bounds, strict=True)]
        header += bounds[0]
    write_csv(folder / "front.csv", header, rows)
    files = structure_files(found)
    for name, one in zip(files, found.chosen, strict=True):
        write_text(folder / name, f"{one.architecture}\n")
    for path in (folder / "structures").glob("*.txt"):
        if f"structures/{path.name}" not in files:
            path.unlink()


def front_content(found: ParetoResult) -> dict[str, Any]:
    """Return what ``result.json`` says of a front, under its header."""
    chosen = zip(structure_files(found), found.chosen, strict=True)
    return {
        "structure": str(found.best.architecture),
        "score": found.best.score,
        **_told(found, found.best.architecture),
        "front": len(found.points),
        "objectives": ["score", *(objective.name for objective in found.setup.objectives)],
        **_profile(found),
        "structures": [_described(found, name, one) for name, one in chosen],
        **how_content(found),
        **effort_content(found),
    }


def _described(found: ParetoResult, name: str, one: FrontNetwork) -> dict[str, Any]:
    again = {} if one.again is None else {"score_again": one.again.value, "score_again_error": one.again.standard_error}
    timed = {} if one.latency is None else one.latency.as_dict()
    return {"file": name, "score": one.score, **again, **_told(found, one.architecture), **timed}


def _costs(found: ParetoResult, architecture: BaseArchitecture) -> dict[str, Any]:
    """Return all costs by column; the latency where it is known without a measurement, else None."""
    costs = found.costs(architecture)
    return {**costs, BaseLatencyLimit.column: costs.get(BaseLatencyLimit.column)}


def _told(found: ParetoResult, architecture: BaseArchitecture) -> dict[str, Any]:
    """Return the costs as a result has them: those of your own limits under ``costs``."""
    own = found.own_costs(architecture)
    costs = _costs(found, architecture)
    return {key: value for key, value in costs.items() if key not in own.get("costs", ())} | own


def _profile(found: ParetoResult) -> dict[str, Any]:
    if all(one.latency is None for one in found.chosen):
        return {}
    from zen_lightning.latency.network_latency import predicted_limit, profile_facts

    limit = predicted_limit(found.setup.budget)
    assert limit is not None
    return {"latency": profile_facts(limit)}
