"""The process that has imported already what the end of a search needs."""

import errno
import multiprocessing
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.search.ahead import Ahead
from zen_lightning.search.finalists import choose_finalists
from zen_lightning.search.run import Candidate

NETWORKS = [
    Architecture.parse(f"SuperConvK3BNRELU(3,{width},2,1)SuperResK3K3({width},32,2,16,1)SuperConvK1BNRELU(32,64,1,1)")
    for width in (8, 16, 24)
]


def imported(name: str) -> tuple[int, bool]:
    return os.getpid(), name in sys.modules


def refuse() -> None:
    raise UserError(key="epochs", value=0, expected="1 or more")


def end() -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def test_without_memory_to_share_it_calls_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse_semaphore(*arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("zen_lightning.search.ahead.ProcessPoolExecutor", refuse_semaphore)
    with Ahead(["colorsys"]) as ahead:
        assert ahead.call(os.getpid) == os.getpid()


def test_without_a_process_it_calls_here() -> None:
    with Ahead(["colorsys"], process=False) as ahead:
        assert ahead.call(os.getpid) == os.getpid()


def test_where_no_process_may_or_can_be_started_it_calls_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*arguments: object) -> None:
        raise OSError("no more processes")

    with monkeypatch.context() as patch:
        patch.setattr("zen_lightning.search.ahead.ProcessPoolExecutor.submit", full)
        with Ahead([]) as ahead:
            assert ahead.call(os.getpid) == os.getpid()
    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)  # type: ignore[attr-defined]
    with Ahead([]) as ahead:
        assert ahead.call(os.getpid) == os.getpid()


def test_modules_are_imported_elsewhere_and_errors_come_back() -> None:
    with Ahead(["no_such_module", "wave"]) as ahead:
        process, has_it = ahead.call(imported, "wave")
        assert process != os.getpid()
        assert has_it
        with pytest.raises(UserError, match=r"^epochs=0: expected 1 or more$"):
            ahead.call(refuse)
        assert ahead.call(os.getpid) == process
    deadline = time.monotonic() + 60
    while Path(f"/proc/{process}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{process}").exists()


def test_finalists_score_the_same_in_either_process() -> None:
    candidates = [Candidate(1.0 + place, network) for place, network in enumerate(NETWORKS)]
    first = second = ZenClosedForm(64)
    here = choose_finalists(candidates, first, second, 0, lambda text: None)
    with Ahead([]) as ahead:
        there = choose_finalists(candidates, first, second, 0, lambda text: None, ahead)
    assert [(one.architecture, one.final_score) for one in here] == [(one.architecture, one.final_score) for one in there]


def test_what_a_dead_process_leaves_is_done_here() -> None:
    with Ahead([]) as ahead:
        assert ahead.call(os.getpid) != os.getpid()
        future = ahead.submit(end)
        assert ahead.result(future, os.getpid) == os.getpid()
        assert ahead.call(os.getpid) == os.getpid()
