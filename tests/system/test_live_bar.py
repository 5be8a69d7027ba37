"""Live bars on a terminal, lines elsewhere."""

import io
import re
import sys

import pytest

from zen_lightning.system import live_bar
from zen_lightning.system.live_bar import LiveBar, with_bar
from zen_lightning.system.numbers import megabytes


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_line_each_so_many_seconds_and_one_at_the_end(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr(live_bar.time, "monotonic", lambda: now[0])
    asked = []
    with LiveBar("training", "steps", 1_000, 100, status=lambda: asked.append(1) or "loss 1.250", every=30.0) as bar:
        for step in range(101, 301):
            now[0] += 0.5
            bar.update(step)
        bar.update(1_000)
    lines = capsys.readouterr().out.splitlines()
    assert lines[2] == "      280 of 1,000 steps  loss 1.250  2.00/s  6 min 0 s left"
    assert len(lines) == len(asked) == 4  # One each 30 seconds, and the last.


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    with LiveBar("scoring", "scores", 2, status=lambda: "best [1]") as bar:
        bar.update(1)
        bar.update(2)
    for text in ("scoring", "2 of 2", "best [1]"):
        assert text in terminal.getvalue()


def test_a_second_line_fits_eighty_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    below = "12,345 images/s  waits for data 3%  memory 12,345 MB"
    with LiveBar("training", "steps", 562_500, 123_400, status=lambda: "epoch 316  loss 1.234", below=lambda: below) as bar:
        bar.update(123_401)
    shown = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", terminal.getvalue())
    assert below in shown
    assert "…" not in shown  # How rich shortens.
    assert max(map(len, shown.splitlines())) <= 80


def test_a_second_plain_line(capsys: pytest.CaptureFixture[str]) -> None:
    with LiveBar("training", "steps", 2, below=lambda: "1,619 images/s") as bar:
        bar.update(2)
    first, second = capsys.readouterr().out.splitlines()
    assert first.strip().startswith("2 of 2 steps  ")
    assert second == "          1,619 images/s"


def test_lines_on_a_terminal_without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    terminal = Terminal()
    with LiveBar("downloading", "of net.pth", 3_000_000, number=megabytes, stream=terminal) as bar:
        bar.update(3_000_000)
    assert terminal.getvalue().lstrip().startswith("3.0 MB of 3.0 MB of net.pth  ")


def test_items_pass_unchanged(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(with_bar(iter("abc"), 3, "checking", "images")) == ["a", "b", "c"]
    assert capsys.readouterr() == ("", "")  # What is done at once says nothing.
    now = [0.0]
    monkeypatch.setattr(live_bar.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(live_bar, "_ITEMS_EVERY", 10.0)
    for _ in with_bar(iter("abc"), 3, "checking", "images"):
        now[0] += 8
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.strip() for line in err.splitlines()] == ["2 of 3 images  0.12/s  8 s left", "3 of 3 images  0.12/s  0 s left"]
