"""Objectives of a front: what a network costs, by name."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import Budget, FlopsLimit, LayersLimit, Limit, ParamsLimit
from zen_lightning.errors import UserError, nearest

SPAN = 16.0
"""A front reaches from the largest cost down to this part of it."""

_UNBOUNDED = float("inf")


class Objective(NamedTuple):
    """A cost that a front trades the score for; less is better.

    Attributes:
        name: as users write it.
        cost: of an architecture, always the same for the same one; above 0.
        maximum: the largest cost of interest; infinite without one.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> width = Objective("width", lambda architecture: architecture.out_channels)
        >>> width.cost(Architecture.parse("SuperConvK3BNRELU(3,8,1,1)"))
        8
    """

    name: str
    cost: Callable[[BaseArchitecture], float]
    maximum: float = _UNBOUNDED


def objectives(names: Sequence[str], budget: Budget, resolution: int, num_classes: int) -> tuple[Objective, ...]:
    """Return objectives by name: FLOPs, parameters, layers, and whatever the budget limits.

    Args:
        names: of costs; the score is an objective of every front, and is not named.
        budget: its limits are the largest costs.
        resolution: height and width at which FLOPs are counted.
        num_classes: outputs of the classifier, which counts too.

    Raises:
        UserError: a name that is unknown, there twice or the score's, or none; or a cost that differs each time it is measured.

    Example:
        >>> [objective.maximum for objective in objectives(["params"], Budget([ParamsLimit(10**6, 10)]), 32, 10)]
        [1000000]
    """
    counted: list[Limit] = [
        FlopsLimit(_UNBOUNDED, resolution, num_classes),
        ParamsLimit(_UNBOUNDED, num_classes),
        LayersLimit(_UNBOUNDED),
    ]
    known = {limit.name: limit for limit in [*counted, *budget.limits]}
    if not names:
        raise UserError(f"objectives=[]: name one or more of {', '.join(known)}; the score is always the first")
    for position, name in enumerate(names):
        if name == "score":
            raise UserError("objectives: the score is always the first, leave it out")
        if name not in known:
            raise UserError(f"unknown objective {name!r}{nearest(name, list(known)) or '.'} Choose from {', '.join(known)}")
        if name in names[:position]:
            raise UserError(f"the objective {name!r} is there twice: name it once")
        if not known[name].repeatable:
            raise UserError(
                f"the objective {name!r} is measured, and differs each time: a front needs costs that stay the same, such as "
                "flops, or latency_ms as a profile predicts it (latency.profile=NAME)"
            )
    return tuple(Objective(name, known[name].measure, known[name].maximum) for name in names)
