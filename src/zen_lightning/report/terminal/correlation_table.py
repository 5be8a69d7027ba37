"""Rank correlations as tables: for the terminal, and for GitHub."""

from collections.abc import Sequence

from zen_lightning.correlate.bootstrap import Estimate
from zen_lightning.correlate.study import ProxyResult
from zen_lightning.report.table_formats import markdown_table, markdown_text
from zen_lightning.report.terminal.table import Table

COLUMNS = ("proxy", "n", "Kendall", "Spearman", "s/network", "not scored")
NOTHING = "n/a"
_REASONS = 3
"""Reasons for failures that are listed, the most frequent first. A choice: all are in ``scores.csv``."""


def correlation_table(results: Sequence[ProxyResult], title: str) -> Table:
    """Return a row for each proxy, in the order given; for what was not scored there are :func:`failure_lines`."""
    table = Table(title, COLUMNS[:-1])  # With the last, it would not fit into 80 characters.
    for result in results:
        table.add(*_cells(result)[:-1])
    return table


def correlation_markdown(results: Sequence[ProxyResult], caption: str) -> str:
    """Return the same as a GitHub table, with a line above it that says what was measured."""
    return f"{markdown_text(caption)}\n\n{markdown_table(COLUMNS, [_cells(result) for result in results])}"


def failure_lines(results: Sequence[ProxyResult]) -> list[str]:
    """Return, for each proxy that could not score everything, how many failed and why, the most frequent reasons first."""
    lines = []
    for result in results:
        failures = result.scores.failures
        reasons = [f"{count:,} x {reason}" for reason, count in failures.most_common(_REASONS)]
        if len(failures) > _REASONS:
            reasons.append(f"and {len(failures) - _REASONS:,} other reasons")
        if failures and not result.is_part:
            lines.append(f"{result.label} could not score {failures.total():,}: {'; '.join(reasons)}")
    return lines


def _cells(result: ProxyResult) -> tuple[str, ...]:
    correlation, seconds = result.correlation, result.scores.seconds
    return (
        result.label,
        f"{correlation.networks:,}",
        _estimate(correlation.kendall),
        _estimate(correlation.spearman),
        NOTHING if seconds is None else f"{seconds:.3g}" if seconds >= 0.001 else "< 0.001",
        f"{result.scores.failures.total():,}",
    )


def _estimate(estimate: Estimate | None) -> str:
    return NOTHING if estimate is None else str(estimate)
