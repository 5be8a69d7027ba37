"""A map in threads that holds few items at a time."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")

_AHEAD = 8
"""Items submitted for each thread before their results are read. A choice: no thread waits, and memory stays small."""


def bounded_map(function: Callable[[A], B], items: Iterable[A], threads: int) -> Iterator[B]:
    """Yield the results in order. However many items there are, a few for each thread are in memory.

    When it is closed or an item fails, items that have not begun are cancelled, and those that have are waited for.

    Example:
        >>> list(bounded_map(abs, [-1, 2, -3], threads=2))
        [1, 2, 3]
    """
    pool = ThreadPoolExecutor(threads)
    pending: deque[Future[B]] = deque()
    try:
        for item in items:
            pending.append(pool.submit(function, item))
            if len(pending) > threads * _AHEAD:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
