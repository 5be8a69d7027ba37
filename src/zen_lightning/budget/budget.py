"""A budget: several limits at once, and the shapes that a network must have."""

from collections.abc import Sequence

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget.limit import Limit
from zen_lightning.budget.shape import Shape
from zen_lightning.errors import UserError


class Budget:
    """Several limits at once.

    Args:
        limits: in the order in which they are checked; cheap ones first.
        shapes: that a network must have; they are checked after the limits.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> from zen_lightning.budget import LayersLimit, ParamsLimit
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)")
        >>> Budget([LayersLimit(18), ParamsLimit(100, num_classes=10)]).violated(arch).name
        'params'
    """

    def __init__(self, limits: Sequence[Limit], shapes: Sequence[Shape] = ()) -> None:
        self.limits = tuple(limits)
        self.shapes = tuple(shapes)
        self._checks = [(limit.measure, limit.maximum, limit) for limit in limits]

    def violated(self, architecture: BaseArchitecture) -> Limit | Shape | None:
        """Return the first limit that the architecture is over, else the first shape that it does not have, or None."""
        for measure, maximum, limit in self._checks:
            if measure(architecture) > maximum:
                return limit
        for shape in self.shapes:
            if shape.excess(architecture) > 0:
                return shape
        return None

    def fits(self, architecture: BaseArchitecture) -> bool:
        """Whether the architecture is within every limit, whatever its shape."""
        return all(measure(architecture) <= maximum for measure, maximum, _ in self._checks)

    def over(self, architecture: BaseArchitecture) -> list[Limit]:
        """Return every limit that the architecture is over."""
        return [limit for measure, maximum, limit in self._checks if measure(architecture) > maximum]

    def check(self, architecture: BaseArchitecture, what: str) -> None:
        """Raise a UserError that lists every limit the architecture is over.

        Args:
            architecture: to check.
            what: how to call it in the error.
        """
        over = [
            f"{limit.name} {_written(limit.measure(architecture))} > {_written(limit.maximum)}"
            for limit in self.over(architecture)
        ]
        if over:
            limits = "; ".join(over)
            said = f"{what} is already over its budget: {limits}"
            raise UserError(said, remedy="raise the limit, or start from a smaller one")
        shapes = [
            f"{one.name} {one.found(architecture)}, wanted {one.wanted()}" for one in self.shapes if one.excess(architecture)
        ]
        if shapes:
            said = f"{what} does not have the shape asked for: {'; '.join(shapes)}"
            raise UserError(said, remedy="change the shape, or start from another")


def _written(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.6g}"
