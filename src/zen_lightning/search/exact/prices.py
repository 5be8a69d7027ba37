"""The prices of the costs under which the bound is lowest."""

import math
from collections.abc import Callable

import numpy as np

from zen_lightning.search.exact.arrays import Floats

_GOLDEN = (math.sqrt(5) - 1) / 2
"""The ratio of golden section search (Kiefer 1953)."""


def lowest(bound: Callable[[Floats], float], start: Floats, factor: float, tolerance: float) -> tuple[Floats, float]:
    """Return prices under which a bound is about lowest, and the bound there.

    The bound is convex in the prices. Golden section search over its logarithm is applied to one price at a time, then to all
    together along the direction of that change. Any prices give a valid bound, so stopping early only makes it less tight.

    Args:
        bound: the bound as a function of prices, which are positive.
        start: first guess of the prices; those that are 0 stay 0.
        factor: largest factor by which a price is changed, up and down.
        tolerance: relative accuracy of a price.
    """
    positive = start > 0
    if not positive.all():
        inner = np.zeros_like(start)

        def with_zeros(prices: Floats) -> float:
            inner[positive] = prices
            return bound(inner.copy())

        if not positive.any():
            return start, bound(start)
        inner[positive], value = lowest(with_zeros, start[positive], factor, tolerance)
        return inner, value
    logs = np.log(start)
    value = bound(start)
    rounds = 1 if len(start) < 2 else 3  # A choice: any prices give a valid bound.
    reach = math.log(factor)
    for _ in range(rounds):
        before = logs
        directions = list(np.eye(len(start)))
        for direction in directions:
            logs, value = _golden(bound, logs, value, direction, reach, tolerance)
        moved = logs - before
        if len(start) > 1 and np.any(moved):
            logs, value = _golden(bound, logs, value, moved / np.abs(moved).max(), reach, tolerance)
        reach = reach / 2
    return np.exp(logs), value


def improved(bound: Callable[[Floats], float], prices: Floats, step: float) -> Floats:
    """Return prices near the given ones under which a bound is lower, if there are such.

    One price after the other moves to the lowest point of the parabola through three values of the bound, which is convex.

    Args:
        bound: the bound as a function of prices.
        prices: the prices; those that are 0 stay 0.
        step: relative distance of the values; a price moves by at most twice as much.
    """
    value = bound(prices)
    for number in np.flatnonzero(prices > 0).tolist():
        tried = {0.0: value}

        def at(shift: float, number: int = number, prices: Floats = prices) -> Floats:
            moved = prices.copy()
            moved[number] *= 1 + shift
            return moved

        for shift in (-step, step):
            tried[shift] = bound(at(shift))
        curvature = tried[step] + tried[-step] - 2 * value
        if curvature > 0:
            shift = float(np.clip(step * (tried[-step] - tried[step]) / (2 * curvature), -2 * step, 2 * step))
            tried[shift] = bound(at(shift))
        best = min(tried, key=lambda shift: (tried[shift], abs(shift)))
        prices, value = at(best), tried[best]
    return prices


def _golden(
    bound: Callable[[Floats], float], logs: Floats, value: float, direction: Floats, reach: float, tolerance: float
) -> tuple[Floats, float]:
    def at(step: float) -> float:
        return bound(np.exp(logs + step * direction))

    low, high = -reach, reach
    left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_left, at_right = at(left), at(right)
    while high - low > tolerance:
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - _GOLDEN * (high - low)
            at_left = at(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + _GOLDEN * (high - low)
            at_right = at(right)
    best, step = min((at_left, left), (at_right, right))
    return (logs + step * direction, best) if best < value else (logs, value)
