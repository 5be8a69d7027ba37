"""Processes beside a search end with it."""

import os
import signal
import time

import pytest

from zen_lightning.errors import UserError
from zen_lightning.search.processes import executor_of, startable


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_they_do_what_is_asked() -> None:
    with executor_of(2, threads=1) as executor:
        assert list(executor.map(abs, [-1, -2, -3])) == [1, 2, 3]


def test_as_many_as_are_asked_for() -> None:
    assert [startable(count) for count in (1, 2, 16)] == [1, 2, 16]


@pytest.mark.usefixtures("no_shared_memory")
def test_this_one_alone_without_memory_to_share() -> None:
    assert [startable(count) for count in (1, 2, 16)] == [1, 1, 1]


def _interrupted(started: list[int]) -> None:
    with executor_of(1) as executor:
        started.append(executor.submit(os.getpid).result())
        for _ in range(3):
            executor.submit(time.sleep, 600)
        raise KeyboardInterrupt


def test_an_interrupt_does_not_wait_for_what_they_work_on() -> None:
    began, started = time.monotonic(), list[int]()
    with pytest.raises(KeyboardInterrupt):
        _interrupted(started)
    assert time.monotonic() - began < 300
    assert not _is_alive(started[0])


def _kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _killed() -> None:
    with executor_of(1) as executor:
        executor.submit(_kill).result()


def test_one_that_is_killed_is_said() -> None:
    with pytest.raises(UserError, match=r"a process beside the search was killed.*start it again with processes=1"):
        _killed()
