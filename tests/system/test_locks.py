"""Locks on files."""

import errno
import os
import threading
import time
from pathlib import Path

import pytest

from zen_lightning.errors import UserError
from zen_lightning.system.limits import limit_reached
from zen_lightning.system.locks import lock, locked

fcntl = pytest.importorskip("fcntl")


def test_a_file_is_for_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "lines.jsonl"
    with path.open("a+b") as one, path.open("a+b") as two:
        lock(one, path, "first is at work")
        with pytest.raises(UserError, match=r"lines\.jsonl is in use: the first is at work") as refused:
            lock(two, path, "first is at work")
    assert limit_reached(refused.value) is None


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_used_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(*asked: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    path = tmp_path / "lines.jsonl"
    with path.open("a+b") as file:
        lock(file, path, "first is at work")
    with locked(tmp_path / "work.lock", lambda: pytest.fail("nobody has it")):
        pass


def test_those_that_wait_come_one_after_another(tmp_path: Path) -> None:
    path = tmp_path / "work.lock"
    inside: list[int] = []
    waited: list[int] = []
    most = 0

    def work(number: int) -> None:
        nonlocal most
        with locked(path, lambda: waited.append(number)):
            inside.append(number)
            most = max(most, len(inside))
            time.sleep(0.05)
            inside.remove(number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == 1
    assert len(waited) == len(set(waited)) == 3
    assert not path.exists()


def test_a_failure_gives_the_lock_back(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), locked(tmp_path / "work.lock"):
        raise RuntimeError
    with locked(tmp_path / "work.lock", lambda: pytest.fail("nobody has it")):
        pass
