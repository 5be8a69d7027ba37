"""The files that a search leaves."""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from zen_lightning.budget import BaseLatencyLimit, counts
from zen_lightning.report.estimate import estimate_figures
from zen_lightning.runs.names import BEST_STRUCTURE
from zen_lightning.search.run import SearchOutcome, SearchSetup
from zen_lightning.search.trace import HistoryRow
from zen_lightning.system.files import write_csv, write_json, write_text
from zen_lightning.tasks.search.costs import known_costs, own_costs
from zen_lightning.tasks.search.exact import BOUNDS, Optimum, bounds_rows
from zen_lightning.tasks.search.finalists import Finalist
from zen_lightning.tasks.search.summary import run_figures

FILES = (
    BEST_STRUCTURE,
    "result.json",
    BOUNDS,
    "history.csv",
    "population.csv",
    "finalists.csv",
    "search.png",
    "cloud.png",
)
"""What a finished search leaves, in the order in which it is listed."""


def write_results(
    config: DictConfig,
    setup: SearchSetup,
    folder: Path,
    outcomes: list[SearchOutcome],
    finalists: list[Finalist],
    seconds: float,
    optimum: Optimum | None = None,
) -> None:
    """Write ``history.csv``, ``population.csv``, ``finalists.csv``, ``best_structure.txt`` and, last, ``result.json``.

    Args:
        config: the composed configuration.
        setup: what was searched.
        folder: of the run.
        outcomes: of all searches.
        finalists: best first.
        seconds: of this run, from start to end.
        optimum: what the exact optimiser proved; the course of the proof goes to ``bounds.csv``.
    """
    if optimum is not None:
        write_csv(folder / BOUNDS, ["step", "blocks", "best", "bound"], bounds_rows(optimum))
    write_history(folder, outcomes)
    columns = list(known_costs(config, setup, finalists[0].architecture))
    members = [
        (str(one.architecture), one.score, outcome.restart, *known_costs(config, setup, one.architecture).values())
        for outcome in outcomes
        for one in outcome.ranked
    ]
    write_csv(folder / "population.csv", ["structure", "score", "restart", *columns], members)
    rows = [{**known_costs(config, setup, f.architecture), **_latencies(f)} for f in finalists]
    # A predicted latency has a column of its own, beside the measured one.
    columns = [column for column in rows[0] if column != BaseLatencyLimit.column]
    write_csv(
        folder / "finalists.csv",
        ["structure", "search_score", "final_score", "standard_error", *columns],
        [
            (str(f.architecture), f.search_score, *_final(f), *(row[column] for column in columns))
            for f, row in zip(finalists, rows, strict=True)
        ],
    )
    write_text(folder / BEST_STRUCTURE, f"{finalists[0].architecture}\n")
    write_json(folder / "result.json", _result(config, setup, outcomes, finalists[0], seconds, optimum))


def write_history(folder: Path, outcomes: list[SearchOutcome]) -> None:
    """Write ``history.csv``, the course of all searches."""
    history = [(outcome.restart, *row) for outcome in outcomes for row in outcome.history]
    write_csv(folder / "history.csv", ["restart", *HistoryRow._fields], history)


def _result(
    config: DictConfig,
    setup: SearchSetup,
    outcomes: list[SearchOutcome],
    answer: Finalist,
    seconds: float,
    optimum: Optimum | None,
) -> dict[str, Any]:
    final, error = _final(answer)
    return {
        "structure": str(answer.architecture),
        "score": answer.search_score if final is None else final,
        "score_standard_error": error,
        "search_score": answer.search_score,
        "proxy": setup.proxy.name,
        "search": config.search.name,
        "optimizer": config.search.optimizer,
        **({} if optimum is None else optimum.figures()),
        **counts(answer.architecture, config.resolution, config.num_classes),
        **_latency(setup, answer),
        **own_costs(setup, answer.architecture),
        **run_figures(config, setup, outcomes, seconds),
        **_shape(setup, answer),
        "estimate": estimate_figures(answer.architecture, config.resolution, config.num_classes),
    }


def _latencies(finalist: Finalist) -> dict[str, float | None]:
    known = finalist.latency
    values = (None, None) if known is None else (known.predicted, known.measured)
    return dict(zip(("latency_predicted_ms", "latency_measured_ms"), values, strict=True))


def _latency(setup: SearchSetup, answer: Finalist) -> dict[str, Any]:
    """Return the latency of the answer: measured, or predicted where its device is not here; and both where a profile says."""
    found = answer.latency
    if found is None:
        timed = [limit.measure(answer.architecture) for limit in setup.budget.limits if isinstance(limit, BaseLatencyLimit)]
        return {"latency_ms": timed[0] if timed else None}
    from zen_lightning.tasks.search.predicted_latency import predicted_limit, profile_facts

    limit = predicted_limit(setup.budget)
    assert limit is not None
    return {
        "latency_ms": found.predicted if found.measured is None else found.measured,
        "latency": {**found.as_dict(), **profile_facts(limit)},
    }


def _shape(setup: SearchSetup, answer: Finalist) -> dict[str, Any]:
    """Return what was demanded of the shape of the answer, and what it has; nothing where nothing was."""
    shapes = setup.budget.shapes
    told = {shape.name: {"wanted": shape.wanted(), "found": shape.found(answer.architecture)} for shape in shapes}
    return {"shape": told} if told else {}


def _final(finalist: Finalist) -> tuple[float | None, float | None]:
    return (None, None) if finalist.final_score is None else (finalist.final_score.value, finalist.final_score.standard_error)
