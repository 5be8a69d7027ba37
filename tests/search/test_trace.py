"""The rows of the history and the sampled cloud."""

from itertools import pairwise

import pytest

from zen_lightning.arch import Architecture
from zen_lightning.search.trace import Cloud, CloudPoint, next_row

ARCH = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)")


def rows(iterations: int) -> list[int]:
    due = [next_row(0)]
    while next_row(due[-1]) <= iterations:
        due.append(next_row(due[-1]))
    return due


@pytest.mark.parametrize(
    ("iteration", "due"),
    [
        (0, 10),
        (9, 10),
        (10, 20),
        (990, 1_000),
        (999, 1_000),
        (1_000, 1_100),
        (9_999, 10_000),
        (10_000, 11_000),
        (480_000, 481_000),
    ],
)
def test_next_row(iteration: int, due: int) -> None:
    assert next_row(iteration) == due


def test_a_longer_search_begins_with_the_rows_of_a_shorter_one() -> None:
    short, long = rows(5_000), rows(480_000)
    assert long[: len(short)] == short
    assert all(a < b for a, b in pairwise(long))
    assert len(long) == 100 + 90 + 470


def offered(count: int) -> tuple[Cloud, list[bool]]:
    cloud = Cloud()
    taken = []
    for serial in range(count):
        taken.append(serial % cloud.stride == 0)
        if taken[-1]:
            cloud.add(CloudPoint(serial, float(serial), ARCH))
    return cloud, taken


def test_a_small_cloud_keeps_everything() -> None:
    cloud, taken = offered(3_000)
    assert [point.iteration for point in cloud.points] == list(range(3_000))
    assert all(taken)


@pytest.mark.parametrize("count", [4_001, 10_000, 50_000])
def test_a_full_cloud_stays_even_and_bounded(count: int) -> None:
    cloud, taken = offered(count)
    kept = [point.iteration for point in cloud.points]
    assert 2_000 <= len(kept) <= 4_000
    assert kept == list(range(0, count, cloud.stride))
    assert cloud.stride > 1
    assert set(kept) <= {serial for serial, was in enumerate(taken) if was}
