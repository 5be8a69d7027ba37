"""A start with the required shape, found by mutating the usual one."""

from random import Random
from typing import Any

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import Budget, LayersLimit
from zen_lightning.errors import UserError
from zen_lightning.space import SearchSpace

MOST_TRIES = 20_000
"""Mutations tried. A choice: five times as many as the shipped budgets need for three or more layers in each of four stages."""

_PROBES = 2_000
"""Mutations tried at each depth that may be too shallow. A choice: if such a network exists, some hundreds find it."""

_STEP = 2
"""Layers between two depths tried. A choice: half as many walks, for a start that is at most one layer too deep."""


def shaped_start(
    space: SearchSpace[Any], budget: Budget, start: BaseArchitecture, seed: int = 0, tries: int = MOST_TRIES
) -> BaseArchitecture:
    """Return the start, or a network near it that has every shape of the budget and is within its limits.

    A random walk: a mutation is accepted if it is within the limits and the sum of its excesses over the shapes is no larger.
    The same seed gives the same network.

    Args:
        space: the space of the mutations.
        budget: limits and shapes.
        start: a network within the limits.
        seed: seed of the walk.
        tries: the most mutations to try.

    Raises:
        UserError: none was found.
    """
    if not budget.shapes or not budget.fits(start):
        return start
    rng = Random(f"{seed}/shape")
    at, far = start, _excess(budget, start)
    for _ in range(tries):
        if far == 0:
            return at
        child = space.mutate(at, rng, 1).split()
        if not budget.fits(child):
            continue
        farther = _excess(budget, child)
        if farther <= far:
            at, far = child, farther
    missing = [one for one in budget.shapes if one.excess(at)]
    wanted = "; ".join(f"{{{one.name}}} {one.found(at)}, wanted {one.wanted()}" for one in missing)
    names = [one.name for one in missing]
    what = f"no network of this shape was found within the limits ({wanted})"
    raise UserError(what, key=names[0], remedy="relax the shape, or raise a limit", involves=[*names[1:], "budget"])


def shallow_start(space: SearchSpace[Any], budget: Budget, start: BaseArchitecture) -> BaseArchitecture:
    """Return a start as :func:`shaped_start` does, with as few layers as the shapes allow, in steps of two.

    A walk without a limit on layers ends deeper than necessary, and a search under a limit cannot start above it.

    Args:
        space: the space of the mutations.
        budget: limits, without one on layers, and shapes.
        start: a network within the limits.

    Raises:
        UserError: none was found at any depth.
    """
    free = shaped_start(space, budget, start)
    for layers in range(start.num_layers, free.num_layers, _STEP):
        try:
            return shaped_start(space, Budget([LayersLimit(layers), *budget.limits], budget.shapes), start, tries=_PROBES)
        except UserError:  # Too shallow for the shapes.
            continue
    return free


def _excess(budget: Budget, architecture: BaseArchitecture) -> float:
    return sum(shape.excess(architecture) for shape in budget.shapes)
