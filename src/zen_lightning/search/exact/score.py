"""The interface of scores whose optimum can be found: additive over blocks, up to a small state."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from zen_lightning.search.exact.arrays import Bools, Floats, Ints, Numbers
from zen_lightning.search.exact.rows import UnitRow


class Place(NamedTuple):
    """The place of a block in the network.

    Attributes:
        size: height and width of the input.
        reads_image: whether it is the first block of the network.
        stage: number of its stage (the blocks of one output resolution), from 0.
        rectified: whether it reads the output of a relu, if not the image.
    """

    size: int
    reads_image: bool
    stage: int = 0
    rectified: bool = True


class Gain(NamedTuple):
    """The gains of blocks, without the part that depends on the fan-in of their first convolution.

    Attributes:
        score: gain in score, shape (blocks, levels).
        grows: the input excess x becomes ``grows * x + adds``; shape (blocks,).
        adds: see ``grows``.
    """

    score: Floats
    grows: Floats
    adds: Floats


class AdditiveScore(ABC):
    """A score that adds up over blocks, in arrays.

    A block adds ``first(input width, level) + gain(block, level)``, and the last one also :meth:`end`. The state passed from
    block to block is one number, the excess x, which a block maps to ``grows * x + adds``; gains that depend on it are
    evaluated at its level. Except for :meth:`end`, the rest of a score must not fall as the excess rises. A score without such
    a state returns ``grows`` 1 and ``adds`` 0.

    A linear score is another kind: all its gains, also :meth:`end`, are linear in x with slopes of any sign, ``grows`` is 1, x
    is 0 at the image, and "levels" are values of x themselves. Blocks that may be repeated have gains without x.

    Attributes:
        is_linear: class attribute, whether it is linear in x.
        scale: what scores are divided by in the tables, so that they are about as large as the Zen-score, for which margins
            and tolerances are chosen.
        slope_of_excess: class attribute, the largest loss at the end for each factor of e by which the excess is larger.
        slope_of_gap: class attribute, the largest loss at the end for each factor of e by which the gap is smaller.
    """

    is_linear = False
    scale = 1.0
    slope_of_excess = 0.0
    slope_of_gap = 0.0

    @abstractmethod
    def first_gain(self, unit: UnitRow, place: Place, fan_in: Ints, levels: Numbers) -> Floats:
        """Return the gain of the first convolution of a block, shape (widths, levels).

        Args:
            unit: the first unit of the block.
            place: place of the block.
            fan_in: input widths.
            levels: levels of the input excess.
        """

    @abstractmethod
    def first_key(self, unit: UnitRow, place: Place) -> tuple[float, ...]:
        """Return everything that :meth:`first_gain` depends on, except widths and levels."""

    @abstractmethod
    def gains(
        self,
        first: Sequence[UnitRow],
        later: Sequence[UnitRow],
        place: Place,
        levels: Numbers,
        layers: int,
    ) -> list[Gain]:
        """Return the gains of blocks of 1, 2, ... ``layers`` sub-layers.

        Args:
            first: units of the first sub-layer.
            later: units of each later one.
            place: place of the blocks.
            levels: levels of the input excess.
            layers: the largest number of sub-layers.
        """

    @abstractmethod
    def end(self, widths: Ints, excess: Floats) -> Floats:
        """Return the last term of the score without the part due to kernels and sizes, shape (widths, excess)."""

    @abstractmethod
    def end_of(self, widths: Ints, excess: Floats) -> Floats:
        """Return the same for pairs of a width and an excess."""

    def gap_after(self, name: str, layers: int, stride: int, place: Place, gap: float) -> float:
        """Return the gap after a block: a number in (0, 1] with which the last term grows, and which only kernels change.

        Always 1 where the score has no such term.
        """
        return 1.0

    @property
    def has_least_end(self) -> bool:
        """Whether networks must end with a least state; only linear scores may say so."""
        return False

    def may_end(self, widths: Ints, excess: Floats, layers: int) -> Bools:
        """Return whether networks of so many layers may end with a state, shape (widths, excess); a larger one always may.

        It may be true of a few more: :attr:`Rules.accepts` is asked of complete networks.
        """
        return np.ones((len(widths), len(excess)), bool)

    @property
    def has_gap(self) -> bool:
        """Whether the score has a last term due to kernels and sizes."""
        return type(self).last_term is not AdditiveScore.last_term

    @property
    def first_gap(self) -> float:
        """The gap of the image; 1 where the score has no such term."""
        return 1.0

    def last_term(self, name: str, layers: int, stride: int, place: Place, gap: float) -> float:
        """Return the part of the last term due to kernels and sizes, from the last block and the gap after it; 0 for none."""
        return 0.0
