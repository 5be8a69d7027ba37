"""Partial networks in arrays, an entry each."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np

from zen_lightning.search.exact.arrays import Bools, Floats, Ints


@dataclass(frozen=True)
class PartialNetworks:
    """Partial networks that end at one node in the same state.

    Attributes:
        row: output width, as a row of the node, shape (networks,).
        score: score so far; of means over stages, with what the totals chosen for the stage are worth.
        cost: exact costs so far, shape (networks, costs).
        blocks: number of residual blocks so far.
        parent: number in the trail of the partial network that it extends; -1 for the image.
        option: number of the added block among the options of its slot; -1 where none was added.
        slot: number of that slot.
        hope: upper bound of the score of a complete network that begins in this way, under the prices.
    """

    row: Ints
    score: Floats
    cost: Ints
    blocks: Ints
    parent: Ints
    option: Ints
    slot: Ints
    hope: Floats

    def __len__(self) -> int:
        return len(self.row)

    def take(self, which: Ints | Bools) -> Self:
        """Return some of them."""
        return type(self)(*(getattr(self, field.name)[which] for field in fields(self)))

    @classmethod
    def join(cls, several: Sequence[Self]) -> Self:
        """Return several together."""
        return cls(*(np.concatenate([getattr(one, field.name) for one in several]) for field in fields(cls)))
