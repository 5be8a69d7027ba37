"""Lines end at spaces: of a usual terminal, and of a narrower one."""

import sys

import pytest

from zen_lightning.report.terminal.wrapping import TOGETHER, wrapped

SENTENCE = "params are limited, FLOPs are not: 215M an image; an epoch of 50,000 images takes about 35 min here (limit them)"


@pytest.mark.parametrize(("columns", "widest"), [(60, 60), (80, 80), (200, 80)])
def test_as_wide_as_a_terminal_up_to_80(columns: int, widest: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    lines = wrapped(SENTENCE).splitlines()
    assert " ".join(line.strip() for line in lines) == SENTENCE
    assert widest - 10 < max(map(len, lines)) <= widest


def test_a_file_has_lines_of_80_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)
    monkeypatch.setenv("COLUMNS", "60")
    assert 70 < max(map(len, wrapped(SENTENCE).splitlines())) <= 80


@pytest.mark.parametrize("columns", [1, 5])
def test_what_belongs_together_stays_so_on_any_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))
    assert wrapped(f"in{TOGETHER}outputs/run: a b", indent=2).split("\n") == ["  in outputs/run:", "    a", "    b"]
