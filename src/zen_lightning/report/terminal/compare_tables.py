"""A comparison of networks on the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from zen_lightning.budget import BaseLatencyLimit
from zen_lightning.correlate.network_score import NetworkScore
from zen_lightning.report.block_changes import MARKS, SAME, BlockChange
from zen_lightning.report.costs import cost_cells, known
from zen_lightning.report.terminal.table import Table
from zen_lightning.system.numbers import score_cell

MORE_TOTALS = (("resolution", "images"), ("val_top1", "val top-1"))
"""What is said of a network besides what it costs, with titles."""

MORE_FORMATS = {"resolution": "{} px", "val_top1": "{:.2f}%"}
"""How it is written."""


def totals_table(networks: Sequence[tuple[str, Mapping[str, Any]]], scores: Sequence[NetworkScore]) -> Table:
    """Return a row for each network: what it costs in all, and how it scores.

    Args:
        networks: name of each, and its counts (:func:`zen_lightning.budget.counts`); also its ``resolution``, and ``val_top1``
            and ``latency_ms`` where they are known.
        scores: by all proxies.
    """
    proxies = list(dict.fromkeys(score.proxy for score in scores))
    values = {(score.proxy, score.network): score for score in scores}
    records = [totals for _, totals in networks]
    kinds = [*known(records), *known(records, [BaseLatencyLimit])]
    more = [(key, title) for key, title in MORE_TOTALS if any(key in record for record in records)]
    table = Table("Side by side", ["network", *(title for _, title in more), *(kind.title for kind in kinds), *proxies])
    for place, (name, totals) in enumerate(networks):
        found = [score_cell(values[proxy, place].value, values[proxy, place].error) for proxy in proxies]
        cells = [MORE_FORMATS[key].format(totals[key]) if key in totals else "" for key, _ in more]
        table.add(f"{place + 1}  {name}", *cells, *cost_cells(totals, kinds), *found)
    return table


def changes_lines(changes: Sequence[BlockChange]) -> list[str]:
    """Return a line for each block that is not the same in both networks, and one that counts the others.

    Args:
        changes: from the first network to the second.

    Example:
        >>> changes_lines([BlockChange("same", "A", "A"), BlockChange("changed", "B", "C", ("kernel 3 -> 5",))])
        ['~ B: kernel 3 -> 5', '= 1 block']
    """
    lines = []
    for change in changes:
        if change.kind != SAME:
            what = f": {', '.join(change.what)}" if change.what else ""
            lines.append(f"{MARKS[change.kind]} {change.old or change.new}{what}")
    same = sum(change.kind == SAME for change in changes)
    return [*lines, f"{MARKS[SAME]} {same} block{'' if same == 1 else 's'}"]
