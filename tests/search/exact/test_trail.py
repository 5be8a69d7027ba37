"""The way back from a partial network to the image."""

import numpy as np

from zen_lightning.search.exact.partial import PartialNetworks
from zen_lightning.search.exact.problem import Slot
from zen_lightning.search.exact.trail import Trail

SLOTS: list[Slot] = [(0, False), (1, False), (1, True)]


def added(parent: list[int], option: list[int], slot: list[int]) -> PartialNetworks:
    """Return partial networks that extend others by a block."""
    none = np.zeros(len(parent), np.int64)
    costs = np.zeros((len(parent), 1), np.int64)
    return PartialNetworks(
        none, np.zeros(len(parent)), costs, none, *map(np.array, (parent, option, slot)), np.zeros(len(parent))
    )


def test_blocks_are_read_back_from_the_first_to_the_last() -> None:
    trail = Trail(SLOTS)
    assert trail.record(added([-1], [0], [0])) == 0  # The image: no block.
    assert trail.record(added([0, 0], [7, 8], [0, 0])) == 1
    assert trail.record(added([2, 1], [5, 6], [1, 1])) == 3
    assert trail.record(added([3], [4], [2])) == 5
    assert len(trail) == 6
    assert trail.network(0) == ()
    assert trail.network(4) == (((0, False), 7), ((1, False), 6))
    assert trail.network(5) == (((0, False), 8), ((1, False), 5), ((1, True), 4))


def test_it_goes_on_after_networks_were_read() -> None:
    trail = Trail(SLOTS)
    trail.record(added([-1], [0], [0]))
    trail.record(added([0], [3], [0]))
    assert trail.network(1) == (((0, False), 3),)
    assert trail.record(added([1], [-1], [0])) == 2  # A stage ends here: no block is added.
    assert trail.record(added([2], [9], [1])) == 3
    assert trail.network(3) == (((0, False), 3), ((1, False), 9))
