"""The files that a correlation study leaves."""

import re
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from zen_lightning.correlate.accuracies import ARCHITECTURE, Accuracies
from zen_lightning.correlate.bootstrap import Estimate
from zen_lightning.correlate.study import ProxyResult
from zen_lightning.report.terminal.correlation_table import correlation_markdown, failure_lines
from zen_lightning.report.terminal.equal_cost_table import equal_cost_rows, regret_rows
from zen_lightning.runs.provenance import git_commit, versions
from zen_lightning.system.files import write_csv, write_json, write_text

FILES = ("correlations.md", "correlations.csv", "regret.csv", "scores.csv", "result.json", "correlations.png", "scatter")
"""Files that a finished study leaves, in the order in which they are listed."""

_LEVEL = "95%"


def caption(config: DictConfig, sample: Accuracies) -> str:
    """Return a line that says what the correlations are of; it is the same on every machine."""
    intervals = f", {_LEVEL} intervals of {config.bootstrap:,} resamples" if config.bootstrap else ""
    return (
        f"Rank correlation with {sample.column}: {len(sample.values):,} networks of {sample.path.name}, seed {config.seed}, "
        f"{config.resolution} px, {config.num_classes} classes{intervals}"
    )


def write_results(
    config: DictConfig, folder: Path, known: Accuracies, sample: Accuracies, results: list[ProxyResult], seconds: float
) -> None:
    """Write ``correlations.csv``, ``correlations.md``, ``regret.csv``, ``scores.csv`` and, last, ``result.json``.

    Args:
        config: the composed configuration.
        folder: the folder of the run.
        known: the table that the user gave.
        sample: what was drawn from it.
        results: best first.
        seconds: the seconds of this run, from start to end.
    """
    rows = [_row(result) for result in results]
    write_csv(folder / "correlations.csv", list(rows[0]), [list(row.values()) for row in rows])
    notes = "".join(f"\n- {line}" for line in failure_lines(results))
    text = correlation_markdown(results, caption(config, sample) + ".")
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
    result = {
        "accuracies": str(known.path),
        "accuracies_sha256": known.sha256,
        "accuracy": known.column,
        "column": sample.column,
        "networks": len(sample.values),
        "networks_known": len(known.values),
        "seed": config.seed,
        "bootstrap": config.bootstrap,
        "within": [str(found.band) for found in results[0].findings.within],
        "given": [config.given] if isinstance(config.given, str) else list(config.given or []),
        "resolution": config.resolution,
        "num_classes": config.num_classes,
        "dataset": config.dataset.name,
        "device": config.device,
        "proxies": [
            row | {"reasons": result.scores.failures, "settings": result.settings}
            for row, result in zip(rows, results, strict=True)
        ],
        "regrets": regrets,
        "seconds": round(seconds, 3),
        "versions": versions(),
        "git_commit": git_commit(),
    }
    write_json(folder / "result.json", result)


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
