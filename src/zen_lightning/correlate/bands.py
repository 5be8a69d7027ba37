"""Which pairs of networks cost the same: what a correlation at equal cost is taken over."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from zen_lightning.errors import UserError

_PERCENT = re.compile(r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*%\s*")
_SLACK = 1e-9
"""Relative rounding error that a width allows for, so that 110 lies within 10% of 100. A choice: far above that of float64."""


class Width(NamedTuple):
    """How far the costs of two networks may lie apart to count as equal.

    Attributes:
        cost: name of the cost.
        ratio: the larger at most this many times the smaller; None where a difference counts.
        difference: the larger at most this much above the smaller; None where a ratio counts.
    """

    cost: str
    ratio: float | None = None
    difference: float | None = None

    def __str__(self) -> str:
        if self.ratio is not None:
            return f"{self.cost} {100 * (self.ratio - 1):.3g}%"
        return f"equal {self.cost}" if self.difference == 0 else f"{self.cost} ±{self.difference:g}"


class Band(NamedTuple):
    """One or more widths, all of which a pair has to keep.

    Example:
        >>> str(Band.of({"flops": "10%", "layers": 0}))
        'flops 10%, equal layers'
    """

    widths: tuple[Width, ...]

    def __str__(self) -> str:
        return ", ".join(map(str, self.widths))

    @classmethod
    def of(cls, wanted: Mapping[str, Any]) -> "Band":
        """Return a band from names of costs and what is equal in each: a text such as ``10%``, or a difference.

        Raises:
            UserError: neither.
        """
        return cls(tuple(_width(str(cost), text) for cost, text in wanted.items()))


class Pairs:
    """The pairs of a list of networks that lie within a band.

    Networks are taken in the order of the band's first cost, in which those that may pair with one follow it closely: a narrow
    band of thousands of networks is a small part of all pairs.

    Args:
        band: what counts as equal.
        costs: the costs of each network, one list for each width of the band.

    Attributes:
        order_n: the networks in the order in which :meth:`chunks` counts them.
    """

    def __init__(self, band: Band, costs: Sequence[Sequence[float]]) -> None:
        self.order_n = torch.argsort(torch.tensor(costs[0], dtype=torch.float64), stable=True)
        self._values = [
            _scaled(width, torch.tensor(cost, dtype=torch.float64)[self.order_n])
            for width, cost in zip(band.widths, costs, strict=True)
        ]
        self._reach = [_reach(width) for width in band.widths]

    def chunks(self, cells: int) -> list[tuple[int, int, int]]:
        """Return ranges (start, stop, last): the networks from start to stop have all their partners before last.

        Args:
            cells: pairs that a chunk should not exceed by much.
        """
        first, size = self._values[0], len(self.order_n)
        last_n = torch.searchsorted(first, first + self._reach[0], right=True).tolist()
        found, start = [], 0
        while start < size:
            stop = start + 1
            while stop < size and (stop + 1 - start) * (last_n[stop] - start) <= cells:
                stop += 1
            found.append((start, stop, last_n[stop - 1]))
            start = stop
        return found

    def within(self, start: int, stop: int, last: int) -> Tensor:
        """Return 1 where a network pairs with one that comes after it, else 0; shape (stop - start, last - start)."""
        near_mn = torch.ones(stop - start, last - start)
        for values, reach in zip(self._values, self._reach, strict=True):
            near_mn *= (values[start:stop, None] - values[start:last]).abs_() <= reach
        return near_mn.triu_(1)


def _width(cost: str, text: Any) -> Width:
    percent = _PERCENT.fullmatch(text) if isinstance(text, str) else None
    if percent:
        return Width(cost, ratio=1 + float(percent.group(1)) / 100)
    try:
        difference = float(text)
    except (TypeError, ValueError):
        difference = math.nan
    if isinstance(text, bool) or not difference >= 0 or math.isinf(difference):
        raise UserError(key=cost, value=text, expected="a share such as 10%, or a difference of 0 or more")
    return Width(cost, difference=difference)


def _scaled(width: Width, values_n: Tensor) -> Tensor:
    return values_n.log() if width.ratio is not None else values_n


def _reach(width: Width) -> float:
    if width.ratio is not None:
        return math.log(width.ratio) + _SLACK
    assert width.difference is not None
    return width.difference * (1 + _SLACK)
