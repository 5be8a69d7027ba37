"""Errors that come of limits of the system."""

import errno
import os
import threading

import pytest

from zen_lightning.errors import UserError
from zen_lightning.system.limits import limit_reached, no_more_threads, require_processes


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (RuntimeError("can't start new thread"), "ulimit -u"),
        (RuntimeError("Resource temporarily unavailable"), "ulimit -u"),  # Of a thread that C++ starts.
        (ImportError("libtorch_cpu.so: failed to map segment from shared object"), "ulimit -v"),
        (BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN)), "ulimit -u"),
        (OSError(errno.EMFILE, os.strerror(errno.EMFILE), "net.txt"), "ulimit -n"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"), "ulimit -v"),
        (MemoryError(), "ulimit -v"),
    ],
)
def test_limits_are_told_with_what_raises_them(error: Exception, remedy: str) -> None:
    around = ValueError("a library failed")
    around.__context__ = error
    for one in (error, around):
        told = limit_reached(one)
        assert told is not None
        assert remedy in str(told)


@pytest.mark.parametrize(
    "error",
    [
        *(BlockingIOError(errno.EAGAIN, "locked", "net.txt"), RuntimeError("no"), UserError("no"), None),
        BlockingIOError(errno.EAGAIN, "write could not complete without blocking", 0),  # Of a stream that is full.
    ],
)
def test_other_errors_are_none_of_a_limit(error: Exception | None) -> None:
    assert limit_reached(error) is None


def test_each_error_is_one_of_its_own() -> None:
    """They are raised: what is noted in one, its traceback and context, is none of the next."""
    one, other = limit_reached(MemoryError()), limit_reached(MemoryError())
    assert one is not other
    assert str(one) == str(other)


def test_only_threads_that_cannot_be_started_end_a_process_at_once() -> None:
    stop = SystemExit(2)
    stop.__context__ = RuntimeError("can't start new thread")
    assert no_more_threads(stop)
    for other in (MemoryError(), OSError(errno.EMFILE, os.strerror(errno.EMFILE)), None):
        stop.__context__ = other
        assert not no_more_threads(stop)


def test_processes_are_refused_before_any_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    start, started = threading.Thread.start, list[threading.Thread]()

    def limited(thread: threading.Thread) -> None:
        if len(started) == 5:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    with pytest.raises(UserError, match=r"2 processes of this command may need 9 .* 5 more may be started: .*ulimit -u"):
        require_processes(2, 3)
    assert not any(thread.is_alive() for thread in started)


def test_processes_that_may_be_started_leave_no_threads() -> None:
    before, size = threading.active_count(), threading.stack_size()
    require_processes(3, 2)
    assert (threading.active_count(), threading.stack_size()) == (before, size)


def test_an_error_that_comes_meanwhile_is_none_of_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """PyTorch raises one from a handler of SIGCHLD, wherever the main thread is."""

    def start(thread: threading.Thread) -> None:
        raise RuntimeError("DataLoader worker (pid 7) is killed by signal: Killed. ")

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(RuntimeError, match="is killed by signal"):
        require_processes(1, 2)
