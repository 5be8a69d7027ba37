"""Scores on the terminal."""

from collections.abc import Sequence

from zen_lightning.correlate.network_score import NetworkScore
from zen_lightning.report.terminal.table import Table
from zen_lightning.system.numbers import score_cell, shortened

_LONGEST = 36
"""Characters of a network's name in the table. A choice: longer ones are shortened, so that scores stay in view."""


def score_table(rows: Sequence[NetworkScore], title: str, several: bool) -> Table:
    """Return a row for each score.

    Args:
        rows: those of one proxy next to each other.
        title: above the table.
        several: whether there is more than one network, and so a column that names them.
    """
    table = Table(title, ["proxy", *([""] if several else []), "score", "seconds", ""])
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        named = [shortened(row.source, _LONGEST)] if several else []
        ends = several and (following is None or following.proxy != row.proxy)
        table.add(row.proxy, *named, _value(row), f"{row.seconds:.3f}", _parts(row), end_section=ends)
    return table


def score_notes(rows: Sequence[NetworkScore]) -> list[str]:
    """Return what the table has no room for: why there is no score, and which proxies had nothing to rank."""
    reasons = [f"{row.proxy} cannot score {shortened(row.source, _LONGEST)}: {row.error}" for row in rows if row.error]
    alone = dict.fromkeys(row.proxy for row in rows if row.ranked_alone)
    return reasons + [f"{proxy} ranks networks among each other, and there is just one: give arch= a list" for proxy in alone]


def _value(row: NetworkScore) -> str:
    return score_cell(None if row.ranked_alone else row.value, row.error, row.standard_error)


def _parts(row: NetworkScore) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in row.parts.items())
