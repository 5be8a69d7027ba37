"""Bounds under other prices, which are lower for partial networks that leave more or less of a limit than most do."""

import numpy as np

from zen_lightning.search.exact.bound import Bound, Program

_FACTORS = (0.75, 0.85, 0.95, 1.05, 1.15, 1.3)
"""Factors of the prices. A choice: they change how many partial networks remain, and no result."""


def tilted(program: Program, bound: Bound) -> list[Bound]:
    """Return a bound and others under prices near its own.

    Every price gives a bound of what may follow a partial network (Lagrangian duality). That price is the best one under
    which the cheapest completion costs what the partial network leaves of the limit; partial networks leave different amounts,
    so the least of several bounds is a closer one.

    Args:
        program: the program of a problem.
        bound: its solution under the prices that are the best for the whole network.
    """
    bounds = [bound]
    positive = np.flatnonzero(bound.prices > 0).tolist()
    for factor in _FACTORS:
        changes = [np.where(bound.prices > 0, factor, 1.0)]
        if len(positive) > 1:
            changes = [np.where(np.arange(len(bound.prices)) == number, factor, 1.0) for number in positive]
        bounds += [program.solve(bound.prices * change) for change in changes] if positive else []
    return bounds
