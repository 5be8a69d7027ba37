"""The interface of scores that average over the layers of each stage."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from zen_lightning.search.exact.arrays import Floats, Ints
from zen_lightning.search.exact.rows import UnitRow
from zen_lightning.search.exact.score import AdditiveScore, Place


class Totals(NamedTuple):
    """Counts of a block, of a part of a stage, or of a whole stage.

    Attributes:
        layers: sub-layers, as the limit on layers counts them.
        units: layers, as the score counts them.
        gates: layers with a squeeze-and-excitation of their own; 0 where these are worth nothing.
        weight: sum of the weights of the gains.
    """

    layers: int
    units: int
    gates: int
    weight: int

    def plus(self, other: "Totals") -> "Totals":
        """Return the counts of both."""
        return Totals(self[0] + other[0], self[1] + other[1], self[2] + other[2], self[3] + other[3])

    def less(self, other: "Totals") -> "Totals":
        """Return the counts that are left without those of a part."""
        return Totals(self[0] - other[0], self[1] - other[1], self[2] - other[2], self[3] - other[3])


NOTHING = Totals(0, 0, 0, 0)


class Counts(NamedTuple):
    """Counts of many blocks, each of shape (blocks,).

    Attributes:
        units: see :class:`Totals`.
        gates: see :class:`Totals`.
        weight: see :class:`Totals`.
    """

    units: Ints
    gates: Ints
    weight: Ints


class StageMeans(AdditiveScore):
    """A score that averages over the layers of each stage.

    It is a constant and the sum over stages of

        coefficient(stage, W) * (sum of the weighted gains of its layers) + worth(stage, units, gates)

    where W is the sum of these weights. With the totals of a stage chosen, its blocks add up: :meth:`first_gain` and
    :meth:`gains` return weighted gains before the coefficient. There is no excess.
    """

    @abstractmethod
    def counts(self, first: Sequence[UnitRow], later: Sequence[UnitRow], place: Place, layers: int) -> list[Counts]:
        """Return the counts of blocks of 1, 2, ... ``layers`` sub-layers; arguments as of :meth:`gains`."""

    @abstractmethod
    def coefficient(self, stage: int, weight: int) -> float:
        """Return the factor of the gains of a stage whose weights sum to ``weight``."""

    @abstractmethod
    def worth(self, stage: int, totals: Totals) -> float:
        """Return what the counts of a stage are worth, apart from its gains."""

    @property
    @abstractmethod
    def constant(self) -> float:
        """What every network has."""

    @property
    @abstractmethod
    def closing_weight(self) -> int:
        """Weight of the classifier in the last stage."""

    @abstractmethod
    def closing(self, widths: Ints) -> Floats:
        """Return the weighted gain of the classifier, shape (widths,)."""

    def end(self, widths: Ints, excess: Floats) -> Floats:
        """Return 0: the classifier is a layer of the last stage."""
        return np.zeros((len(widths), len(excess)))

    def end_of(self, widths: Ints, excess: Floats) -> Floats:
        """Return 0."""
        return np.zeros(len(widths))
