"""An architecture on the terminal: against its budget, and stage by stage."""

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import Budget
from zen_lightning.report.terminal.table import Table
from zen_lightning.system.numbers import short_count

_BAR = 12
"""Characters of a bar of 100%. A choice: two bars and the numbers fit in a usual terminal."""

_OPTIONAL = (7, 5, 1, 3)
"""Columns that a narrow terminal has no room for, the bars first: lines part the stages, and a block ends in its layers."""


def budget_table(architecture: BaseArchitecture, budget: Budget) -> Table:
    """Return what the network costs against each limit."""
    table = Table("Against its budget", ["limit", "network", "budget", "used"])
    for limit in budget.limits:
        value = limit.measure(architecture)
        exact = f" ({value:,.0f})" if value >= 1000 else ""
        share = f"{value / limit.maximum:.1%}"
        table.add(limit.title, f"{limit.text(value)}{exact}", limit.text(limit.maximum), share)
    for shape in budget.shapes:
        table.add(shape.name, shape.found(architecture), shape.wanted(), "")
    return table


def stage_table(architecture: BaseArchitecture, resolution: int, num_classes: int, use_se: bool = False) -> Table:
    """Return where layers, parameters and FLOPs are: a row for each super-block, a section for each stage."""
    rows = architecture.summary(resolution, num_classes, use_se)
    params, flops = sum(row.params for row in rows), sum(row.flops for row in rows)
    table = Table(
        f"Where the parameters and FLOPs went ({resolution} px, {num_classes} classes)",
        ["super-block", "stage", "output", "layers", "params", "", "FLOPs", ""],
        optional=_OPTIONAL,
    )
    for row, following in zip(rows, [*rows[1:], None], strict=True):
        output = f"{row.channels} x {row.resolution}²" if not row.is_classifier else f"{row.channels}"
        table.add(
            row.block,
            row.stage if not row.is_classifier else "",
            output,
            row.layers or "",
            f"{short_count(row.params)} {row.params / params:4.0%}",
            _bar(row.params / params),
            f"{short_count(row.flops)} {row.flops / flops:4.0%}",
            _bar(row.flops / flops),
            end_section=following is None or following.stage != row.stage,
        )
    table.add("total", "", "", architecture.num_layers, short_count(params), "", short_count(flops), "")
    return table


def _bar(share: float) -> str:
    return "█" * round(share * _BAR) or "▏"
