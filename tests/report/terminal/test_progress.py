"""The progress of a search where there is no terminal, and on one."""

import io
import sys

import pytest

from zen_lightning.report.terminal import progress as module
from zen_lightning.report.terminal.progress import SearchProgress
from zen_lightning.search.run import Progress


def test_plain_lines_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with SearchProgress(1_000, restarts=2) as progress:
        progress(Progress(0, 500, 200, 97.25, 0))
        progress(Progress(1, 1_000, 400, 98.5, 0))
        progress(Progress(0, 1_000, 400, 97.5, 0))
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].startswith("    2,000 / 2,000 iterations  best 98.500  accepted 40%")
    assert len(lines) <= 2
    assert "\r" not in "".join(lines)
    assert "\x1b" not in "".join(lines)


def test_a_live_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    with SearchProgress(100) as progress:
        progress(Progress(0, 100, 40, 98.5, 0))
    assert "searching" in terminal.getvalue()
    assert "best 98.500" in terminal.getvalue()


def test_the_rate_counts_only_what_this_run_did(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    with SearchProgress(10_000) as progress:
        now[0] += 2
        progress(Progress(0, 6_000, 3_000, 90.0, resumed=5_000))
        assert "500/s" in progress.status()
        assert "8 s left" in progress.status()


def test_before_anything_fits() -> None:
    progress = SearchProgress(10)
    progress(Progress(0, 1, 0, None, 0))
    assert "none fits yet" in progress.status()
