"""Budgets: limits on what a network may cost, several at once."""

from zen_lightning.budget.budget import Budget
from zen_lightning.budget.counted import FlopsLimit, LayersLimit, ParamsLimit
from zen_lightning.budget.limit import Limit
from zen_lightning.budget.written_count import parse_count

__all__ = ["Budget", "FlopsLimit", "LayersLimit", "Limit", "ParamsLimit", "parse_count"]
