"""Which partial networks are kept where there are more than may be."""

from typing import TypeVar

import numpy as np

from zen_lightning.search.exact.arrays import Floats
from zen_lightning.search.exact.partial import PartialNetworks

SPARE = 8
"""Factor of partial networks compared with each other to those kept, where not all are. A choice: comparing is quadratic."""

_LAYERS = 12
"""Ranges of cost from which equally many partial networks are kept, where not all are. A choice."""

_ROUNDING = 1e-9
"""Subtracted from the threshold, so that rounding loses no network that reaches it exactly. A choice: sums in another order
differ by less."""

Networks = TypeVar("Networks", bound=PartialNetworks)


class TooManyError(Exception):
    """There are more partial networks than are kept."""


class Beam:
    """A threshold that networks must be able to reach, and how many partial networks are kept.

    Args:
        threshold: a score.
        most: number of partial networks kept for each node and state, the most promising ones; None keeps all.
        gives_up: whether to end where there are more, instead of keeping the most promising ones.

    Attributes:
        threshold: the score, less what rounding may lose.
        most: as given.
        gives_up: as given.
        cut: whether partial networks were dropped because there were too many.
    """

    def __init__(self, threshold: float, most: int | None = None, gives_up: bool = False) -> None:
        self.threshold = max(threshold - _ROUNDING, np.finfo(float).min)  # Above the value of what is not allowed.
        self.most = most
        self.gives_up = gives_up
        self.cut = False

    def check(self, count: int, factor: int = 1) -> None:
        """Raise a TooManyError where the beam gives up and there are more partial networks than it keeps, times a factor."""
        if self.gives_up and self.most is not None and count > factor * self.most:
            raise TooManyError

    def reach(self, hope: Floats) -> float:
        """Return the hope that pairs need: the threshold, or a higher value where not all pairs are kept."""
        if self.most is None or self.gives_up or hope.size <= SPARE * self.most:
            return self.threshold
        least = float(np.partition(hope, -SPARE * self.most, axis=None)[-SPARE * self.most])
        self.cut |= least > self.threshold
        return max(self.threshold, least)

    def most_promising(self, some: Networks, factor: int = 1) -> Networks:
        """Return the partial networks with the highest hope, as many as are kept, times a factor."""
        if self.most is None or self.gives_up or len(some) <= factor * self.most:
            return some
        self.cut = True
        return some.take(np.sort(np.argsort(-some.hope, kind="stable")[: factor * self.most]))

    def most_promising_by_cost(self, some: Networks, prices: Floats, factor: int = 1) -> Networks:
        """Return the most promising partial networks, equally many from each range of cost.

        The promise of a partial network assumes that the limit is used as the prices say; the best network within the limits
        may be reached from a cheaper or a more expensive one.
        """
        if self.most is None or self.gives_up or len(some) <= factor * self.most:
            return some
        self.cut = True
        by_cost = np.argsort(some.cost @ prices, kind="stable")
        layer = np.empty(len(some), np.int64)
        layer[by_cost] = np.arange(len(some)) * _LAYERS // len(some)
        order = np.lexsort((-some.hope, layer))
        starts = np.searchsorted(layer[order], np.arange(_LAYERS))
        rank = np.arange(len(some)) - starts[layer[order]]
        return some.take(np.sort(order[rank < max(1, factor * self.most // _LAYERS)]))
