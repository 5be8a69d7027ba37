"""Which partial networks are kept where there are more than may be."""

import numpy as np
import pytest

from zen_lightning.search.exact.beam import Beam, TooManyError
from zen_lightning.search.exact.partial import PartialNetworks


def some(hope: list[float], cost: list[int]) -> PartialNetworks:
    """Return partial networks that differ in hope and cost alone."""
    none = np.zeros(len(hope), np.int64)
    return PartialNetworks(none, np.zeros(len(hope)), np.array(cost)[:, None], none, none, none, none, np.array(hope))


def test_the_most_promising_are_kept_in_their_order() -> None:
    beam = Beam(0.0, most=2)
    kept = beam.most_promising(some([1.0, 5.0, 3.0, 4.0], [1, 2, 3, 4]))
    assert (kept.hope.tolist(), kept.cost.ravel().tolist(), beam.cut) == ([5.0, 4.0], [2, 4], True)
    assert len(kept) == len(kept.take(np.arange(2)))


def test_each_range_of_cost_keeps_some() -> None:
    """The most expensive 24 of 48 are the most promising: without ranges they alone would be kept."""
    beam, cost = Beam(0.0, most=24), list(range(48))
    kept = beam.most_promising_by_cost(some([float(value) for value in cost], cost), np.ones(1))
    assert kept.cost.ravel().tolist() == [value for start in range(0, 48, 4) for value in (start + 2, start + 3)]
    assert beam.cut


@pytest.mark.parametrize("most", [None, 4])
def test_where_all_may_be_kept_nothing_is_cut(most: int | None) -> None:
    beam = Beam(0.0, most)
    given = some([1.0, 2.0, 3.0, 4.0], [1, 1, 1, 1])
    assert beam.most_promising(given) is given
    assert beam.most_promising_by_cost(given, np.ones(1)) is given
    assert beam.reach(given.hope) == beam.threshold
    assert not beam.cut
    beam.check(10_000)  # It drops, and does not end.


def test_pairs_need_more_than_the_threshold_where_there_are_too_many() -> None:
    beam = Beam(0.0, most=1)
    assert beam.reach(np.arange(20.0)) == 12.0  # Eight are compared with each other.
    assert beam.cut


def test_it_gives_up_instead_of_dropping() -> None:
    beam = Beam(0.0, most=2, gives_up=True)
    given = some([1.0, 2.0, 3.0], [1, 1, 1])
    assert beam.most_promising(given) is given
    assert beam.reach(np.arange(1000.0)) == beam.threshold
    beam.check(16, factor=8)
    with pytest.raises(TooManyError):
        beam.check(3)
    assert not beam.cut
