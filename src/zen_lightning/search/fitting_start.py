"""A start that has the shape asked for: the usual one, mutated until it has."""

from random import Random
from typing import Any

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import Budget
from zen_lightning.errors import UserError
from zen_lightning.space import SearchSpace

MOST_TRIES = 20_000
"""Mutations tried. A choice: five times what the shipped budgets need for at least three layers in each of four stages."""


def shaped_start(space: SearchSpace[Any], budget: Budget, start: BaseArchitecture, seed: int = 0) -> BaseArchitecture:
    """Return the start, or a network near it that has every shape of the budget and is within its limits.

    A random walk: a mutation is taken when it is within the limits and no farther from the shapes, all excesses added up. The
    same seed gives the same network.

    Args:
        space: whose mutations are tried.
        budget: limits and shapes.
        start: within the limits.
        seed: of the walk.

    Raises:
        UserError: none was found.
    """
    if not budget.shapes or any(limit.measure(start) > limit.maximum for limit in budget.limits):
        return start
    rng = Random(f"{seed}/shape")
    at, far = start, _excess(budget, start)
    for _ in range(MOST_TRIES):
        if far == 0:
            return at
        child = space.mutate(at, rng, 1).split()
        if any(limit.measure(child) > limit.maximum for limit in budget.limits):
            continue
        farther = _excess(budget, child)
        if farther <= far:
            at, far = child, farther
    missing = "; ".join(f"{one.name} {one.found(at)}, wanted {one.wanted()}" for one in budget.shapes if one.excess(at))
    raise UserError(f"no network of this shape was found within the limits ({missing}): relax shape, or raise a limit")


def _excess(budget: Budget, architecture: BaseArchitecture) -> float:
    return sum(shape.excess(architecture) for shape in budget.shapes)
