"""Objectives of a front: costs, by name."""

from collections.abc import Sequence

from zen_lightning.budget import COUNTED, Budget, Limit
from zen_lightning.errors import UserError

SPAN = 16.0
"""A front reaches from the largest cost down to this part of it."""

_UNBOUNDED = float("inf")


def objectives(names: Sequence[str], budget: Budget, resolution: int, num_classes: int) -> tuple[Limit, ...]:
    """Return costs by name, which a front trades the score for: all that can be counted, and whatever the budget limits.

    Args:
        names: of costs; the score is an objective of every front, and is not named.
        budget: its limits are the largest costs; the others are infinite.
        resolution: height and width at which costs are counted.
        num_classes: outputs of the classifier, which counts too.

    Raises:
        UserError: a name that is unknown, there twice or the score's, or none; or a cost that differs each time it is measured.

    Example:
        >>> from zen_lightning.budget import ParamsLimit
        >>> [objective.maximum for objective in objectives(["params"], Budget([ParamsLimit(10**6, 10)]), 32, 10)]
        [1000000]
    """
    counted = [kind.of(_UNBOUNDED, resolution=resolution, num_classes=num_classes) for kind in COUNTED]
    known: dict[str, Limit] = {limit.name: limit for limit in [*counted, *budget.limits]}
    if not names:
        remedy = f"name one or more of {', '.join(known)}; the score is always the first"
        raise UserError(key="objectives", value="[]", remedy=remedy)
    for position, name in enumerate(names):
        if name == "score":
            raise UserError("{objectives}: the score is always the first", key="objectives", remedy="leave it out")
        if name not in known:
            raise UserError(key="objectives", value=name, choices=list(known))
        if name in names[:position]:
            raise UserError(f"the objective {name!r} is there twice", key="objectives", remedy="name it once")
        if not known[name].repeatable:
            steady = ", ".join(limit.name for limit in known.values() if limit.repeatable)
            raise UserError(
                f"the objective {name!r} is measured, and differs each time",
                key="objectives",
                remedy=f"a front needs costs that stay the same, such as {steady}, or {name} as a profile predicts it "
                "(latency.profile=NAME)",
            )
    return tuple(known[name] for name in names)
