"""The files that a correlation study leaves."""

import re
from pathlib import Path
from typing import Any

from zen_lightning.api.study import Study
from zen_lightning.correlate.accuracies import ARCHITECTURE
from zen_lightning.correlate.bootstrap import Estimate
from zen_lightning.correlate.study import ProxyResult
from zen_lightning.report.table_formats import markdown_text
from zen_lightning.report.terminal.correlation_table import correlation_markdown, failure_lines
from zen_lightning.report.terminal.equal_cost_table import equal_cost_rows, regret_rows
from zen_lightning.runs.names import RESULT
from zen_lightning.system.csv_files import write_csv
from zen_lightning.system.files import write_text

FILES = ("correlations.md", "correlations.csv", "regret.csv", "scores.csv", RESULT, "correlations.png", "scatter")
"""Files that a finished study leaves, in the order in which it is listed."""

_LEVEL = "95%"


def caption(study: Study) -> str:
    """Return a line that says what the correlations are of; it is the same on every machine."""
    plan, question = study.plan, study.plan.question
    intervals = f", {_LEVEL} intervals of {question.resamples:,} resamples" if question.resamples else ""
    return (
        f"Rank correlation with {plan.sample.column}: {len(plan.sample.values):,} networks of {plan.known.name}, "
        f"seed {question.seed}, {plan.resolution} px, {plan.num_classes} classes{intervals}"
    )


def write_tables(study: Study, folder: Path) -> None:
    """Write ``correlations.csv``, ``correlations.md``, ``regret.csv`` and ``scores.csv``."""
    sample, results = study.plan.sample, study.results
    rows = [_row(result) for result in results]
    write_csv(folder / "correlations.csv", list(rows[0]), [list(row.values()) for row in rows])
    notes = "".join(f"\n- {markdown_text(line)}" for line in failure_lines(results))
    text = correlation_markdown(results, caption(study) + ".")
    text += "".join(f"\n{more.markdown()}" for more in (equal_cost_rows(results), regret_rows(results)) if more)
    regrets = _regrets(results)
    if regrets:
        write_csv(folder / "regret.csv", list(regrets[0]), [list(one.values()) for one in regrets])
    write_text(folder / "correlations.md", text + (f"{notes}\n" if notes else ""))
    columns = zip(*(result.scores.values for result in results), strict=True)
    write_csv(
        folder / "scores.csv",
        [ARCHITECTURE, sample.column, *(result.label for result in results)],
        (
            (str(architecture), accuracy, *scores)
            for architecture, accuracy, scores in zip(sample.architectures, sample.values, columns, strict=True)
        ),
    )


def study_content(study: Study) -> dict[str, Any]:
    """Return what ``result.json`` holds of a study, beside its header."""
    plan, results = study.plan, study.results
    return {
        "accuracies": None if plan.known.path is None else str(plan.known.path),
        "accuracies_sha256": plan.known.sha256,
        "accuracy": plan.known.column,
        "column": plan.sample.column,
        "networks": len(plan.sample.values),
        "networks_known": len(plan.known.values),
        "bootstrap": plan.question.resamples,
        "within": [str(found.band) for found in results[0].findings.within],
        "given": list(plan.given),
        "resolution": plan.resolution,
        "num_classes": plan.num_classes,
        "proxies": [_row(result) | {"reasons": result.scores.failures, "settings": result.settings} for result in results],
        "regrets": _regrets(results),
    }


def _row(result: ProxyResult) -> dict[str, Any]:
    findings, scores = result.findings, result.scores
    overall = findings.overall
    row: dict[str, Any] = {"proxy": result.label, "n": overall.networks}
    row |= _spread("kendall", overall.kendall) | _spread("spearman", overall.spearman)
    for found in findings.within:
        name = "kendall_within_" + re.sub(r"[^a-z0-9.]+", "_", str(found.band).lower()).strip("_")
        row |= {**_spread(name, found.kendall), f"{name}_pairs": found.pairs}
    if findings.within:
        row |= _spread("partial_spearman", findings.partial)
    return row | {"seconds_per_network": scores.seconds, "could_not_score": scores.failures.total()}


def _regrets(results: list[ProxyResult]) -> list[dict[str, Any]]:
    return [
        {
            **{"proxy": result.label, "cost": found.cost, "budget": found.budget, "networks": found.networks},
            **{"best": found.best, "mean": found.mean, "reached": found.reached, "possible": found.possible},
            **_spread("share_of_possible_gain", found.share),
        }
        for result in results
        for found in result.findings.regrets
        if found is not None
    ]


def _spread(name: str, found: Estimate | None) -> dict[str, float | None]:
    return {name + end: value for end, value in zip(("", "_low", "_high"), found or (None, None, None), strict=True)}
