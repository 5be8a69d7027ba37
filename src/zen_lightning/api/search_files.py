"""The files that a search leaves."""

from pathlib import Path
from typing import Any

from zen_lightning.api.search_result import Searches, SearchResult
from zen_lightning.budget import BaseLatencyLimit, counts
from zen_lightning.report.estimate import estimate_figures
from zen_lightning.runs.names import BEST_STRUCTURE, RESULT
from zen_lightning.search.finalists import Finalist
from zen_lightning.search.trace import HistoryRow
from zen_lightning.system.csv_files import write_csv
from zen_lightning.system.files import write_text

BOUNDS = "bounds.csv"
"""The course of a proof: blocks that are left, best score and bound after each step."""

FILES = (
    BEST_STRUCTURE,
    RESULT,
    BOUNDS,
    "depths.csv",
    "history.csv",
    "population.csv",
    "finalists.csv",
    "search.png",
    "cloud.png",
)
"""Files that a finished search leaves, in the order in which they are listed."""


def write_tables(found: SearchResult, folder: Path) -> None:
    """Write ``history.csv``, ``population.csv``, ``finalists.csv``, ``best_structure.txt``, and ``bounds.csv`` of a proof.

    Args:
        found: what was found by the search.
        folder: the folder of the run.
    """
    if found.optimum is not None:
        write_csv(folder / BOUNDS, ["step", "blocks", "best", "bound"], map(tuple, found.optimum.solution.steps))
    write_history(found, folder)
    members = [
        (str(one.architecture), one.score, outcome.restart, *found.costs(one.architecture).values())
        for outcome in found.outcomes
        for one in outcome.ranked
    ]
    write_csv(folder / "population.csv", ["structure", "score", "restart", *found.counts], members)
    rows = [{**found.costs(one.architecture), **_latencies(one)} for one in found.finalists]
    # A predicted latency has a column of its own, beside the measured one.
    columns = [column for column in rows[0] if column != BaseLatencyLimit.column]
    write_csv(
        folder / "finalists.csv",
        ["structure", "search_score", "final_score", "standard_error", *columns],
        [
            (str(one.architecture), one.search_score, *_final(one), *(row[column] for column in columns))
            for one, row in zip(found.finalists, rows, strict=True)
        ],
    )
    write_text(folder / BEST_STRUCTURE, f"{found.architecture}\n")


def write_history(found: Searches, folder: Path) -> None:
    """Write ``history.csv``, the course of all searches."""
    history = [(outcome.restart, *row) for outcome in found.outcomes for row in outcome.history]
    write_csv(folder / "history.csv", ["restart", *HistoryRow._fields], history)


def search_content(found: SearchResult) -> dict[str, Any]:
    """Return what ``result.json`` says of a search, under its header."""
    _, error = _final(found.answer)
    return {
        "structure": str(found.architecture),
        "score": found.score,
        "score_standard_error": error,
        "search_score": found.search_score,
        **_scored_by(found),
        **how_content(found),
        **({} if found.optimum is None else found.optimum.figures()),
        **counts(found.architecture, found.resolution, found.num_classes),
        **_latency(found),
        **found.own_costs(found.architecture),
        **effort_content(found),
        **_shape(found),
        **_depth(found),
        "estimate": estimate_figures(found.architecture, found.resolution, found.num_classes),
    }


def _scored_by(found: SearchResult) -> dict[str, str]:
    """Return what sentences call the proxies of the two scores; one where there is only one."""
    first, second = found.setup.proxy, found.second
    rescored = second is not None and found.answer.final_score is not None
    return {"score_by": second.title if rescored and second else first.title, "search_score_by": first.title}


def effort_content(found: Searches) -> dict[str, Any]:
    """Return what ``result.json`` says of any searches, whatever they found: limits, iterations, time."""
    budget, outcomes = found.setup.budget, found.outcomes
    return {
        "budget": found.names.get("budget"),
        "budgets": {limit.name: limit.maximum for limit in budget.limits},
        "search_space": found.setup.space.name,
        **({"moves": moves} if (moves := getattr(found.setup.space, "moves", None)) else {}),
        "start": str(found.setup.start),
        **({} if found.setup.asked_start is None else {"asked_start": str(found.setup.asked_start)}),
        **({"shape": {shape.name: shape.wanted() for shape in budget.shapes}} if budget.shapes else {}),
        "resolution": found.resolution,
        "num_classes": found.num_classes,
        "iterations": found.iterations,
        "restarts": len(outcomes),
        "accepted": found.accepted,
        "rejected": found.rejected,
        "cannot_score": found.unscorable,
        "worker_deaths": found.worker_deaths,
        "search_seconds": round(max(outcome.seconds for outcome in outcomes), 3),
        **({} if found.minutes is None else {"minutes": found.minutes, "stopped_by_time": found.stopped_by_time}),
    }


def how_content(found: Searches) -> dict[str, Any]:
    """Return what ``result.json`` says of how it was searched."""
    return {"proxy": found.setup.proxy.name, "search": found.names.get("search"), "optimizer": found.optimizer}


def _latencies(finalist: Finalist) -> dict[str, float | None]:
    known = finalist.latency
    values = (None, None) if known is None else (known.predicted, known.measured)
    return dict(zip(("latency_predicted_ms", "latency_measured_ms"), values, strict=True))


def _latency(found: SearchResult) -> dict[str, Any]:
    """Return the latency of the answer: measured, or predicted where its device is not here; and both where a profile says."""
    timed = found.answer.latency
    if timed is None:
        limits = [limit for limit in found.setup.budget.limits if isinstance(limit, BaseLatencyLimit)]
        return {"latency_ms": limits[0].measure(found.architecture) if limits else None}
    from zen_lightning.latency.network_latency import predicted_limit, profile_facts

    limit = predicted_limit(found.setup.budget)
    assert limit is not None
    return {
        "latency_ms": timed.predicted if timed.measured is None else timed.measured,
        "latency": {**timed.as_dict(), **profile_facts(limit)},
    }


def _shape(found: SearchResult) -> dict[str, Any]:
    """Return what was demanded of the shape of the answer, and what it has; nothing where nothing was."""
    shapes = found.setup.budget.shapes
    told = {shape.name: {"wanted": shape.wanted(), "found": shape.found(found.architecture)} for shape in shapes}
    return {"shape": told} if told else {}


def _depth(found: SearchResult) -> dict[str, Any]:
    """Return how the depth was chosen; nothing where it was given."""
    if not found.depths:
        return {}
    from zen_lightning.search.depth_choice import chosen_by

    trained = {} if found.depth_training is None else {"depth_training": dict(found.depth_training)}
    return {"layers_by": chosen_by(found.depths), **trained}


def _final(finalist: Finalist) -> tuple[float | None, float | None]:
    return (None, None) if finalist.final_score is None else (finalist.final_score.value, finalist.final_score.standard_error)
