"""Shapes: what a network must look like, beside what it may cost. Rows of super-blocks only."""

import math
from abc import ABC, abstractmethod
from itertools import pairwise
from typing import ClassVar

from zen_lightning.arch import Architecture, BaseArchitecture
from zen_lightning.budget.stages import effectiveness, stages
from zen_lightning.errors import UserError


class Shape(ABC):
    """One demand on the shape of a network. Subclass it to demand something else.

    Attributes:
        name: class attribute, the key under ``shape``.
    """

    name: ClassVar[str]

    @abstractmethod
    def excess(self, architecture: BaseArchitecture) -> float:
        """Return how far a network is from the shape: 0 where it has it."""

    @abstractmethod
    def found(self, architecture: BaseArchitecture) -> str:
        """Return what a network is like in this respect, for a table."""

    @abstractmethod
    def wanted(self) -> str:
        """Return what is demanded, for a table."""


class RisingWidths(Shape):
    """Widths never fall from one block to the next.

    Example:
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,32,2,1)SuperResK3K3(32,16,1,8,1)SuperConvK1BNRELU(16,64,1,1)")
        >>> RisingWidths().excess(arch), RisingWidths().found(arch)
        (1, 'fall 1 time')
    """

    name = "widths"

    def excess(self, architecture: BaseArchitecture) -> float:
        """Return how often the width falls."""
        widths = [block.out_channels for block in _row(architecture, self.name).blocks]
        return sum([after < before for before, after in pairwise(widths)])

    def found(self, architecture: BaseArchitecture) -> str:
        """Return how often the width falls."""
        falls = self.excess(architecture)
        return f"fall {falls:.0f} time{'s' if falls > 1 else ''}" if falls else "rising"

    def wanted(self) -> str:
        """Return the demand."""
        return "rising"


class LayersEachStage(Shape):
    """Every stage, the blocks between two down-samplings, has so many layers.

    Args:
        least: layers of each stage.
        most: likewise; None for no bound.
        resolution: height and width of the images.

    Raises:
        UserError: ``least`` below 1, or ``most`` below ``least``.

    Example:
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,8,1)SuperResK3K3(16,16,2,8,3)")
        >>> shape = LayersEachStage(2, None, resolution=32)
        >>> shape.excess(arch), shape.found(arch)
        (1, '1, 3')
    """

    name = "layers_each_stage"

    def __init__(self, least: int, most: int | None, resolution: int) -> None:
        if least < 1 or (most is not None and most < least):
            value = f"[{least},{'null' if most is None else most}]"
            raise UserError(key=self.name, value=value, expected="[least,most], 1 <= least <= most, or most={None}")
        self.least, self.most, self.resolution = least, most, resolution

    def excess(self, architecture: BaseArchitecture) -> float:
        """Return the layers that are missing or too many, over all stages."""
        most = math.inf if self.most is None else self.most
        layers = [stage.layers for stage in stages(_row(architecture, self.name), self.resolution)]
        return sum([max(self.least - count, count - most, 0) for count in layers])

    def found(self, architecture: BaseArchitecture) -> str:
        """Return the layers of each stage."""
        return ", ".join(str(stage.layers) for stage in stages(_row(architecture, self.name), self.resolution))

    def wanted(self) -> str:
        """Return the demand."""
        return f"{self.least} or more" if self.most is None else f"{self.least} to {self.most}"


class Effectiveness(Shape):
    """Depth over width is bounded: DeepMAD's rho, https://arxiv.org/abs/2303.02165, section 3.2.

    rho = L / (w_1 w_2 ... w_L)^(1/L), with w = c k^2 / g for each of the L convolutions of the vanilla twin: c in channels,
    kernel k, g groups. Information is lost on its way through a network that is deep and narrow.

    Args:
        most: of rho.

    Raises:
        UserError: not above 0.
    """

    name = "effectiveness"

    def __init__(self, most: float) -> None:
        if not 0 < most < math.inf:
            raise UserError(key=self.name, value=most, expected="a number above 0")
        self.most = most

    def excess(self, architecture: BaseArchitecture) -> float:
        """Return how much rho is above the bound."""
        return max(0.0, effectiveness(_row(architecture, self.name)) - self.most)

    def found(self, architecture: BaseArchitecture) -> str:
        """Return rho."""
        return f"{effectiveness(_row(architecture, self.name)):.3f}"

    def wanted(self) -> str:
        """Return the demand."""
        return f"at most {self.most:g}"


class LargestShare(Shape):
    """No stage has more than a share of the FLOPs of all stages.

    Args:
        most: share, above 0 and at most 1.
        resolution: height and width of the images.

    Raises:
        UserError: a share out of range.
    """

    name = "largest_share"

    def __init__(self, most: float, resolution: int) -> None:
        if not 0 < most <= 1:
            raise UserError(key=self.name, value=most, expected="a share above 0, at most 1")
        self.most, self.resolution = most, resolution

    def excess(self, architecture: BaseArchitecture) -> float:
        """Return how much the largest share is above the bound."""
        return max(0.0, self._largest(architecture) - self.most)

    def found(self, architecture: BaseArchitecture) -> str:
        """Return the largest share."""
        return f"{self._largest(architecture):.0%}"

    def wanted(self) -> str:
        """Return the demand."""
        return f"at most {self.most:.0%}"

    def _largest(self, architecture: BaseArchitecture) -> float:
        flops = [stage.flops for stage in stages(_row(architecture, self.name), self.resolution)]
        return max(flops, default=0) / max(1, sum(flops))


def _row(architecture: BaseArchitecture, name: str) -> Architecture:
    if not isinstance(architecture, Architecture):
        what = f"{{{name}}} is about rows of super-blocks, not about a {type(architecture).__name__}"
        raise UserError(what, key=name, remedy="set it to {None}")
    return architecture
