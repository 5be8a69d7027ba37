"""Work in threads, few pieces of it waiting."""

import threading
from collections.abc import Iterator

import pytest

from zen_lightning.data.bounded_map import bounded_map


def test_order_is_kept_and_little_is_submitted() -> None:
    drawn = []

    def items() -> Iterator[int]:
        for item in range(10_000):
            drawn.append(item)
            yield item

    results = bounded_map(lambda item: item * 2, items(), threads=2)
    assert [next(results) for _ in range(5)] == [0, 2, 4, 6, 8]
    assert len(drawn) < 30
    assert list(results)[-1] == 19_998


def test_an_error_ends_the_threads() -> None:
    def fail(item: int) -> int:
        if item == 3:
            raise ValueError("three")
        return item

    before = threading.active_count()
    with pytest.raises(ValueError, match="three"):
        list(bounded_map(fail, range(1000), threads=4))
    assert threading.active_count() == before
