"""The costs of a run: their kinds, their values in its files, and file names made of them."""

import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from zen_lightning.budget import COUNTED, KINDS, BaseLatencyLimit, FlopsLimit, Limit, kind_of
from zen_lightning.runs.run_folder import RunFolder, number

Kind = type[Limit]

_SIZES = ((1e9, "G"), (1e6, "M"), (1e3, "k"))
_UNIT_FROM = 10
"""A suffix is used if the largest cost is at least this many of its unit. A choice: two significant digits remain, of the least
cost too, which has decimals where it needs them."""

_MOST_DECIMALS = 6
"""Decimals that names may need to differ: costs that agree to 1e-6 of a unit are the same for a reader. A choice."""

_DIGITS = 4
"""Characters to which numbers are padded, so that files sort by cost: up to 9999 of a unit. A choice."""

_LATENCIES = ("latency_measured_ms", BaseLatencyLimit.column, "latency_predicted_ms")


def cost_names(kind: Kind | Limit, costs: Sequence[float]) -> list[str]:
    """Return a name for each of several costs, with two digits at least, such that they sort by name as they do by cost.

    Args:
        kind: the kind of cost; counts get a suffix.
        costs: all different.

    Example:
        >>> cost_names(FlopsLimit, [38_214_000, 250_300_000, 598_000_000])
        ['flops_0038M', 'flops_0250M', 'flops_0598M']
        >>> cost_names(FlopsLimit, [2_410_000, 19_300_000])
        ['flops_02.4M', 'flops_19.3M']
        >>> cost_names(BaseLatencyLimit, [0.081, 0.34])
        ['latency_ms_0.081', 'latency_ms_0.340']
    """
    sizes = () if kind.unit else _SIZES
    size, suffix = next(((size, suffix) for size, suffix in sizes if max(costs) >= _UNIT_FROM * size), (1.0, ""))
    is_exact = size == 1 and all(float(cost).is_integer() for cost in costs)
    for decimals in range(0 if is_exact else _decimals(min(costs) / size), _MOST_DECIMALS + 1):
        texts = [f"{cost / size:.{decimals}f}" for cost in costs]
        if len(set(texts)) == len(texts):
            break
    width = max(_DIGITS, max(map(len, texts)))
    return [f"{kind.name}_{text.rjust(width, '0')}{suffix}" for text in texts]


def _decimals(cost: float) -> int:
    """Return how many decimals a cost has where two of its digits are told.

    Example:
        >>> [_decimals(cost) for cost in (250.3, 10.0, 2.41, 0.081, 0.0)]
        [0, 0, 1, 3, 0]
    """
    return min(max(0, 1 - math.floor(math.log10(cost))), _MOST_DECIMALS) if cost > 0 else 0


def kinds_of(run: RunFolder) -> list[Kind]:
    """Return the kinds of cost that the files of a run may hold: all known ones, and those of its own limits.

    A class from elsewhere says how its values are read where it can be imported here.
    """
    budgets = run.result.get("budgets")
    own = [name for name in (budgets if isinstance(budgets, Mapping) else ()) if name not in {kind.name for kind in KINDS}]
    return [*KINDS, *(_own(run, name) for name in own)]


def limited(run: RunFolder) -> list[tuple[Kind, float]]:
    """Return the limits of a run with their kinds: FLOPs first, as papers name networks, and layers last."""
    budgets = run.result.get("budgets") or {}
    found = [(kind, budgets[kind.name]) for kind in kinds_of(run) if kind.name in budgets]
    return sorted(found, key=lambda one: (one[0] is not FlopsLimit, not one[0].bounds_width))


def cost_of(record: Mapping[str, Any], kind: Kind) -> float | None:
    """Return a cost as a result, a record in it or a row of a CSV file holds it; None where it does not."""
    columns = _LATENCIES if kind is BaseLatencyLimit else (kind.column,)
    found = number(record, *columns)
    costs = record.get("costs")
    return number(costs, kind.name) if found is None and isinstance(costs, Mapping) else found


def known(records: Sequence[Mapping[str, Any]], kinds: Sequence[Kind] = COUNTED) -> list[Kind]:
    """Return the kinds of cost that any of several records holds."""
    return [kind for kind in kinds if any(cost_of(record, kind) is not None for record in records)]


def cost_cells(record: Mapping[str, Any], kinds: Sequence[Kind]) -> list[str]:
    """Return costs as a table has them; an empty cell where one is not known."""
    values = [(kind, cost_of(record, kind)) for kind in kinds]
    return ["" if value is None else kind.text(value) for kind, value in values]


def _own(run: RunFolder, name: str) -> Kind:
    # Looked up among the modules that are imported already: importing what a folder names would run it.
    module, _, qualified = str(run.setting(f"budget.own.{name}._target_") or "").rpartition(".")
    found = vars(sys.modules[module]).get(qualified) if module in sys.modules else None
    return found if isinstance(found, type) and issubclass(found, Limit) else kind_of(name)
