"""The front of many points, by the library and by hand."""

from random import Random

import pytest

from zen_lightning.search.non_dominated import _by_hand, non_dominated


def drawn(seed: int, count: int, width: int) -> list[tuple[float, ...]]:
    rng = Random(seed)
    return [tuple(float(int(rng.random() * 6)) for _ in range(width)) for _ in range(count)]


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_by_hand_is_the_definition(width: int) -> None:
    points = drawn(width, 80, width)
    kept = _by_hand(points)
    for index, point in enumerate(points):
        beaten = any(other != point and all(a <= b for a, b in zip(other, point, strict=True)) for other in points)
        assert kept[index] == (not beaten and point not in points[:index])


@pytest.mark.parametrize("width", [2, 3, 4])
def test_the_library_gives_the_same(width: int) -> None:
    pytest.importorskip("moocore")
    points = drawn(10 + width, 300, width)
    assert non_dominated(points) == _by_hand(points)


def test_no_points_have_no_front() -> None:
    assert non_dominated([]) == []
