"""Checks of the arguments and values of proxies, and the mean of draws."""

import math
import statistics
from collections.abc import Sequence

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import CannotScoreError, Score


def finite(value: float, what: str) -> float:
    """Return the value; raise a CannotScoreError if it is not finite."""
    if not math.isfinite(value):
        raise CannotScoreError(f"{what} is {value}: not a finite number")
    return value


def averaged(draws: Sequence[float]) -> Score:
    """Return the mean of independent draws, with its standard error."""
    error = statistics.stdev(draws) / math.sqrt(len(draws)) if len(draws) > 1 else None
    return Score(statistics.fmean(draws), error)


def check_counts(counts: dict[str, int]) -> None:
    """Raise a UserError unless every value is 1 or more."""
    for key, value in counts.items():
        if value < 1:
            raise UserError(key=key, value=value, expected="1 or more")


def check_variant(variant: str, known: Sequence[str], name: str) -> None:
    """Raise a UserError unless a proxy has this variant."""
    if variant not in known:
        raise UserError(f"{name} has no such variant", key="variant", value=variant, choices=known)


def refuse_foreign_parts(architecture: Architecture, name: str, remedy: str = "use zen_monte_carlo") -> None:
    """Raise a CannotScoreError if a network has more than convolutions, batch norms and relus in a row.

    Args:
        architecture: a row of blocks.
        name: what cannot score it: ``"the closed form"``.
        remedy: what to do.
    """
    if architecture.foreign_part is not None:
        what = (
            f"{name} is defined for rows of convolution, batch norm and relu; this network has {architecture.foreign_part.text}"
        )
        raise CannotScoreError(what, remedy=remedy)


def check_stage_weights(stage_weights: Sequence[float]) -> tuple[float, ...]:
    """Return weights of stages as a tuple; raise a UserError unless they are numbers of 0 or more, one of them above 0."""
    weights = tuple(float(weight) for weight in stage_weights)
    if not weights or min(weights) < 0 or not 0 < sum(weights) < math.inf:
        expected = "a weight of 0 or more for each stage, the last stage's last"
        raise UserError(key="stage_weights", value=list(stage_weights), expected=expected)
    return weights
