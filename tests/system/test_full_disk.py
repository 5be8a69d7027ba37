"""Errors that come of a full disk."""

import errno
import sys
from types import SimpleNamespace

import pytest

from zen_lightning.errors import UserError
from zen_lightning.system import full_disk
from zen_lightning.system.full_disk import is_full_disk, no_room


def test_an_error_that_was_made_of_that_of_a_full_disk() -> None:
    full, made, other = OSError(errno.ENOSPC, "full"), UserError("no room"), RuntimeError("a writer failed")
    assert not is_full_disk(made)
    assert not is_full_disk(None)
    made.__cause__ = full
    other.__context__ = made
    assert is_full_disk(full)
    assert is_full_disk(made)
    assert is_full_disk(other)


def test_errors_that_were_raised_from_one_another() -> None:
    one, other = UserError("one"), UserError("other")
    one.__cause__, other.__cause__ = other, one
    assert not is_full_disk(one)


@pytest.mark.parametrize(("number", "said"), [(errno.EDQUOT, "quota"), (errno.EFBIG, "larger than the system allows")])
def test_limits_on_what_may_be_written(number: int, said: str) -> None:
    room = no_room(OSError(number, "no"))
    assert room is not None
    assert said in room.said
    assert no_room(OSError(errno.EACCES, "no")) is None


def test_shared_memory_that_is_full_is_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a semaphore, say, whose error names no file."""
    free = {"/dev/shm": 4096}
    monkeypatch.setattr(full_disk.shutil, "disk_usage", lambda path: SimpleNamespace(free=free[path]))
    semaphore, file = OSError(errno.ENOSPC, "No space left on device"), OSError(errno.ENOSPC, "No space left on device", "a")
    found = no_room(semaphore)
    assert found is not None
    assert found.said == "the shared memory of processes is full (/dev/shm)"
    assert "trainer.loader_workers=0" in found.remedy
    assert no_room(file) == no_room(OSError(errno.ENOSPC, "", "b")) != found
    free["/dev/shm"] = 1 << 30
    assert no_room(semaphore) == no_room(file)


@pytest.mark.skipif(sys.platform != "linux", reason="shared memory is elsewhere")
def test_shared_memory_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """In some containers, and where a service has no right to it."""
    semaphore, file = OSError(errno.EACCES, "Permission denied"), OSError(errno.EACCES, "Permission denied", "a")
    assert no_room(semaphore) is None
    monkeypatch.setattr(full_disk.os, "access", lambda path, mode: path != "/dev/shm")
    found = no_room(semaphore)
    assert found is not None
    assert found.said == "processes cannot share memory here, as /dev/shm cannot be written"
    assert no_room(file) is None
