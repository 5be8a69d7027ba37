"""A comparison of networks on the terminal."""

from collections.abc import Mapping, Sequence

from zen_lightning.correlate.network_score import NetworkScore
from zen_lightning.report.block_changes import MARKS, SAME, BlockChange
from zen_lightning.report.costs import cost_cells, known
from zen_lightning.report.terminal.table import Table
from zen_lightning.system.numbers import score_cell


def totals_table(networks: Sequence[tuple[str, Mapping[str, int]]], scores: Sequence[NetworkScore]) -> Table:
    """Return a row for each network: what it costs in all, and how it scores.

    Args:
        networks: name of each, and its counts (:func:`zen_lightning.budget.counts`).
        scores: by all proxies.
    """
    proxies = list(dict.fromkeys(score.proxy for score in scores))
    values = {(score.proxy, score.network): score for score in scores}
    kinds = known([totals for _, totals in networks])
    table = Table("Side by side", ["network", *(kind.title for kind in kinds), *proxies])
    for place, (name, totals) in enumerate(networks):
        found = [score_cell(values[proxy, place].value, values[proxy, place].error) for proxy in proxies]
        table.add(f"{place + 1}  {name}", *cost_cells(totals, kinds), *found)
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
