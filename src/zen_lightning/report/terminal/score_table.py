"""Scores on the terminal."""

from collections.abc import Sequence
from typing import NamedTuple

from zen_lightning.report.terminal.table import Table
from zen_lightning.system.numbers import score_cell, shortened

_LONGEST = 36
"""Characters of a network's name in the table. A choice: longer ones are shortened, so that scores stay in view."""


class ScoreRow(NamedTuple):
    """A network as a proxy sees it.

    Attributes:
        proxy: its label.
        source: of the network, as the user named it.
        structure: of the network.
        value: the score, among all networks of the table for a proxy that ranks; None where there is none.
        standard_error: of the value, where there is one.
        parts: what a proxy that ranks measured, by name.
        ranked_alone: whether the proxy ranks, and has nothing to rank this network against.
        seconds: it took.
        error: why there is no score; empty with one.
    """

    proxy: str
    source: str
    structure: str
    value: float | None
    standard_error: float | None
    parts: dict[str, float]
    ranked_alone: bool
    seconds: float
    error: str


def score_table(rows: Sequence[ScoreRow], title: str, several: bool) -> Table:
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


def score_notes(rows: Sequence[ScoreRow]) -> list[str]:
    """Return what the table has no room for: why there is no score, and which proxies had nothing to rank."""
    reasons = [f"{row.proxy} cannot score {shortened(row.source, _LONGEST)}: {row.error}" for row in rows if row.error]
    alone = dict.fromkeys(row.proxy for row in rows if row.ranked_alone)
    return reasons + [f"{proxy} ranks networks among each other, and there is just one: give arch= a list" for proxy in alone]


def _value(row: ScoreRow) -> str:
    return score_cell(None if row.ranked_alone else row.value, row.error, row.standard_error)


def _parts(row: ScoreRow) -> str:
    return ", ".join(f"{name} {value:.4g}" for name, value in row.parts.items())
