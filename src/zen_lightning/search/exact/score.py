"""What a score has to state so that the optimum can be found: additive over blocks, but for a small state."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

from zen_lightning.search.exact.arrays import Floats, Ints
from zen_lightning.search.exact.rows import UnitRow


class Place(NamedTuple):
    """Where a block stands.

    Attributes:
        size: height and width of what arrives.
        reads_image: whether it is the first block of the network.
        stage: number of its stage, the blocks of one output resolution, from 0.
    """

    size: int
    reads_image: bool
    stage: int = 0


class Gain(NamedTuple):
    """What blocks bring, without what their first convolution's fan-in brings.

    Attributes:
        score: shape (blocks, levels).
        grows: the excess x that arrives becomes ``grows * x + adds``; shape (blocks,).
        adds: see ``grows``.
    """

    score: Floats
    grows: Floats
    adds: Floats


class AdditiveScore(ABC):
    """A score that adds up over blocks, in arrays.

    A block brings ``first(width that arrives, level) + gain(block, level)``; the last one also :meth:`end`. The state that is
    handed from block to block is one number, the excess x, which a block maps to ``grows * x + adds``; what depends on it is
    read at its level. What remains of a score must not fall as the excess rises, but for :meth:`end`. A score without
    such a state returns ``grows`` 1 and ``adds`` 0.

    Attributes:
        slope_of_excess: class attribute: at most so much is lost at the end for each factor of e by which the excess is larger.
        slope_of_gap: class attribute: at most so much is lost at the end for each factor of e by which the gap is smaller.
    """

    slope_of_excess = 0.0
    slope_of_gap = 0.0

    @abstractmethod
    def first_gain(self, unit: UnitRow, place: Place, fan_in: Ints, levels: Ints) -> Floats:
        """Return what the first convolution of a block brings beside the rest, shape (widths, levels).

        Args:
            unit: the first unit of the block.
            place: of the block.
            fan_in: widths that arrive.
            levels: of the excess that arrives.
        """

    @abstractmethod
    def first_key(self, unit: UnitRow, place: Place) -> tuple[float, ...]:
        """Return what :meth:`first_gain` depends on beside widths and levels."""

    @abstractmethod
    def gains(
        self,
        first: Sequence[UnitRow],
        later: Sequence[UnitRow],
        place: Place,
        levels: Ints,
        layers: int,
    ) -> list[Gain]:
        """Return the gains of blocks of 1, 2, ... ``layers`` sub-layers.

        Args:
            first: units of the first sub-layer.
            later: units of each later one.
            place: of the blocks.
            levels: of the excess that arrives.
            layers: the most sub-layers.
        """

    @abstractmethod
    def end(self, widths: Ints, excess: Floats) -> Floats:
        """Return the last term of the score without what kernels and sizes bring, shape (widths, excess)."""

    @abstractmethod
    def end_of(self, widths: Ints, excess: Floats) -> Floats:
        """Return the same for pairs of a width and an excess."""

    @abstractmethod
    def gap_after(self, name: str, layers: int, stride: int, place: Place, gap: float) -> float:
        """Return the gap after a block: a number in (0, 1] that the last term grows with, and that kernels alone change."""

    @property
    @abstractmethod
    def first_gap(self) -> float:
        """The gap of the image."""

    @abstractmethod
    def last_term(self, name: str, layers: int, stride: int, place: Place, gap: float) -> float:
        """Return what the last term adds for a last block, once the gap after it is known."""
