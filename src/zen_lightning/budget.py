"""Budgets: limits on what a network may cost, several at once. Counts are those of the network without SE."""

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from zen_lightning.arch import BaseArchitecture
from zen_lightning.errors import UserError

_SUFFIXES = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "B": 10**9}
_COUNT = re.compile(r"\s*([0-9][0-9_]*(?:\.[0-9]*)?(?:[eE][+]?[0-9]{1,2})?)\s*([kMGB]?)\s*")


def parse_count(value: str | float, name: str) -> int:
    """Return a count that a user wrote as ``600000000``, ``600e6`` or ``600M``.

    Args:
        value: what was written.
        name: of the key, for the error.

    Raises:
        UserError: it is not a positive count.

    Example:
        >>> parse_count("1.5M", "budget.params")
        1500000
    """
    match = _COUNT.fullmatch(str(value))
    number = float(match.group(1).replace("_", "")) * _SUFFIXES[match.group(2)] if match else 0.0
    count = round(number) if math.isfinite(number) else 0
    if count < 1:
        raise UserError(f"{name}={value}: expected a positive count such as 600000000, 600e6 or 600M")
    return count


class Limit(ABC):
    """One limit of a budget. Subclass it to bound something else.

    Args:
        maximum: a value equal to it passes.

    Attributes:
        name: class attribute, the key under ``budget``.
        repeatable: class attribute, whether a network measures the same each time.
    """

    name: ClassVar[str]
    repeatable: ClassVar[bool] = True

    def __init__(self, maximum: float) -> None:
        self.maximum = maximum

    @abstractmethod
    def measure(self, architecture: BaseArchitecture) -> float:
        """Return what the limit bounds."""


class LayersLimit(Limit):
    """Bounds the sum of all sub-layers."""

    name = "layers"

    def measure(self, architecture: BaseArchitecture) -> float:
        """Return the number of layers."""
        return architecture.num_layers


class ParamsLimit(Limit):
    """Bounds the trainable parameters.

    Args:
        maximum: parameters.
        num_classes: outputs of the classifier, which counts too.
    """

    name = "params"

    def __init__(self, maximum: float, num_classes: int) -> None:
        super().__init__(maximum)
        self.num_classes = num_classes

    def measure(self, architecture: BaseArchitecture) -> float:
        """Return the number of parameters."""
        return architecture.num_params(self.num_classes)


class FlopsLimit(Limit):
    """Bounds the multiply-adds for one image.

    Args:
        maximum: multiply-adds.
        resolution: height and width of the image.
        num_classes: outputs of the classifier, which counts too.
    """

    name = "flops"

    def __init__(self, maximum: float, resolution: int, num_classes: int) -> None:
        super().__init__(maximum)
        self.resolution = resolution
        self.num_classes = num_classes

    def measure(self, architecture: BaseArchitecture) -> float:
        """Return the number of multiply-adds."""
        return architecture.flops(self.resolution, self.num_classes)


class Budget:
    """Several limits at once.

    Args:
        limits: in the order in which they are checked; cheap ones first.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)")
        >>> Budget([LayersLimit(18), ParamsLimit(100, num_classes=10)]).violated(arch).name
        'params'
    """

    def __init__(self, limits: Sequence[Limit]) -> None:
        self.limits = tuple(limits)
        self._checks = [(limit.measure, limit.maximum, limit) for limit in limits]

    def violated(self, architecture: BaseArchitecture) -> Limit | None:
        """Return the first limit that the architecture is over, or None."""
        for measure, maximum, limit in self._checks:
            if measure(architecture) > maximum:
                return limit
        return None

    def check(self, architecture: BaseArchitecture, what: str) -> None:
        """Raise a UserError that lists every limit the architecture is over.

        Args:
            architecture: to check.
            what: how to call it in the error.
        """
        over = [
            f"{limit.name} {_written(limit.measure(architecture))} > {_written(limit.maximum)}"
            for limit in self.limits
            if limit.measure(architecture) > limit.maximum
        ]
        if over:
            limits = "; ".join(over)
            raise UserError(f"{what} is already over its budget: {limits}. Raise the limit, or start from a smaller one")


def _written(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.6g}"
