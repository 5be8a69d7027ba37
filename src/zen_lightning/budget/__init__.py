"""Budgets: limits on what a network may cost, several at once, and shapes that it must have."""

from zen_lightning.budget.budget import Budget
from zen_lightning.budget.counted import ActivationsLimit, CountedLimit, FlopsLimit, LayersLimit, ParamsLimit
from zen_lightning.budget.kinds import COUNTED, KINDS, counts, kind_of
from zen_lightning.budget.latency import BaseLatencyLimit
from zen_lightning.budget.limit import Limit
from zen_lightning.budget.shape import Effectiveness, LargestShare, LayersEachStage, RisingWidths, Shape
from zen_lightning.budget.written_count import count_note, parse_count

__all__ = [
    "COUNTED",
    "KINDS",
    "ActivationsLimit",
    "BaseLatencyLimit",
    "Budget",
    "CountedLimit",
    "Effectiveness",
    "FlopsLimit",
    "LargestShare",
    "LayersEachStage",
    "LayersLimit",
    "Limit",
    "ParamsLimit",
    "RisingWidths",
    "Shape",
    "count_note",
    "counts",
    "kind_of",
    "parse_count",
]
