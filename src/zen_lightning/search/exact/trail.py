"""The way back from a partial network to the image."""

from collections.abc import Sequence

import numpy as np

from zen_lightning.search.exact.arrays import Ints
from zen_lightning.search.exact.networks import Block
from zen_lightning.search.exact.partial import PartialNetworks
from zen_lightning.search.exact.problem import Slot


class Trail:
    """What every partial network that was kept extends, and by which block; ``len`` is their number.

    Args:
        slots: the slots of the problem, as partial networks number them.
    """

    def __init__(self, slots: Sequence[Slot]) -> None:
        self._slots = slots
        self._parts: list[tuple[Ints, Ints, Ints]] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def record(self, some: PartialNetworks) -> int:
        """Add partial networks, and return the number of the first."""
        first = self._count
        self._parts.append((some.parent, some.option, some.slot))
        self._count += len(some)
        return first

    def network(self, number: int) -> tuple[Block, ...]:
        """Return the blocks of a partial network, the first one first."""
        if len(self._parts) > 1:
            self._parts = [tuple(map(np.concatenate, zip(*self._parts, strict=True)))]  # type: ignore[list-item]
        (parent, option, slot), blocks = self._parts[0], list[Block]()
        while number >= 0:
            if parent[number] >= 0 and option[number] >= 0:
                blocks.append((self._slots[slot[number]], int(option[number])))
            number = int(parent[number])
        return tuple(reversed(blocks))
