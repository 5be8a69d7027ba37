"""Axes."""

from itertools import pairwise

import pytest

from zen_lightning.report.charts.axis import Axis, categories, spanning


@pytest.mark.parametrize(
    ("low", "high", "log"), [(0, 1, False), (-3, 7.3, False), (99.1, 99.4, False), (10, 480_000, True), (3, 9, True)]
)
def test_ticks_are_few_round_and_within(low: float, high: float, log: bool) -> None:
    axis = Axis(low, high, "", log=log)
    ticks = axis.ticks()
    assert 2 <= len(ticks) <= 12
    assert all(low * (1 - 1e-3) <= tick <= high * 1.001 for tick in ticks if low >= 0)
    assert axis.share(low) == 0
    assert axis.share(high) == pytest.approx(1)
    assert spanning([5.0, 5.0])[0] < 5 < spanning([5.0, 5.0])[1]


def test_the_first_category_is_above() -> None:
    axis = categories(["a", "b", "c"])
    assert [axis.named(tick) for tick in axis.ticks()] == ["a", "b", "c"]
    assert axis.share(0) > axis.share(1) > axis.share(2) > 0


def test_texts_of_a_logarithmic_axis_leave_one_another_room() -> None:
    axis = Axis(0.0108, 0.85, "recipe.lr", log=True)
    places = [axis.share(tick) for tick in axis.ticks()]
    assert len(places) >= 2
    assert min(after - before for before, after in pairwise(places)) >= 0.1
