"""Tables on narrow terminals."""

import re
import sys
from typing import Any

import pytest

from zen_lightning.report.terminal.table import Table
from zen_lightning.system.visible import visible

rich = pytest.importorskip("rich")


def printed(table: Table, width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what a terminal of so many columns shows."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    table.print()
    return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)


def exported() -> Table:
    table = Table("Exported", ["file", "bytes", "largest difference of logits", "relative", "float32 rounding"])
    table.add("model.onnx", "1,004,548", "6.7e-06", "3.5e-07", "2.6e-07")
    return table


@pytest.mark.parametrize("width", [60, 70, 80, 120])
def test_headings_wrap_before_names(width: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    shown = printed(exported(), width, monkeypatch, capsys)
    for cell in ("model.onnx", "1,004,548", "6.7e-06", "3.5e-07", "2.6e-07"):
        assert cell in shown
    assert ("largest difference of logits" in shown) == (width == 120)
    assert max(map(len, shown.splitlines())) <= width


def test_titles_are_as_long_as_the_terminal_and_blank_columns_left_out(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table("outputs/experiment/quickstart-0/train on digits", ["", "value", ""])
    table.add("val top-1", "99%", "")
    lines = printed(table, 80, monkeypatch, capsys).splitlines()
    assert lines[0].rstrip() == table.title
    assert len(lines[1]) == len("╭───────────┬───────╮")
    monkeypatch.undo()
    table.print()
    assert table.title in capsys.readouterr().out.splitlines()


def test_nothing_of_a_title_is_cut_off_in_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("Rank correlation with top1: 6 networks of t.csv, seed 0, 32 px, 10 classes, 95% intervals", ["proxy", "n"])
    table.add("zen", 6)
    table.print()
    title, border = capsys.readouterr().out.splitlines()[:2]
    assert title.rstrip() == table.title
    assert len(border.rstrip()) == len("╭───────┬───╮")


def test_a_table_that_is_too_wide_goes_on_below(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    names = ["score", "params", "flops", "layers", "peak_activations"]
    table = Table("runs: 4, groups: 2", ["budget", "runs", *names])
    cells = ["109.240 ± 0.41", "831k ± 32.5k", "238M ± 146M", "18 ± 0.4", "152k ± 40.5k"]
    table.add("params1M", "2", *cells)
    table.add("flops600M", "2", *cells, end_section=True)
    shown = printed(table, 80, monkeypatch, capsys)
    assert max(map(len, shown.splitlines())) <= 80
    assert all(word in shown for word in [*names, *cells])
    assert shown.count("flops600M") == 2
    assert shown.count(table.title) == 1
    wide = printed(table, 200, monkeypatch, capsys)
    assert wide.count("flops600M") == 1


def test_lists_wrap_before_names(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    table = Table("Stages", ["stage", "blocks", "widths", "params", "FLOPs"])
    cells: list[Any] = ["classifier", "convolution, bottleneck, residual", "128, 256", "1.16k", "4.42M"]
    table.add(*cells)
    shown = printed(table, 60, monkeypatch, capsys)
    assert "classifier" in shown
    assert "1.16k" in shown
    assert max(map(len, shown.splitlines())) <= 60


@pytest.mark.parametrize("text", ["[/x]", "[bold]name", "a\x1b[2K\x1b[1A", "\rb", "\x1b]0;title\x07"])
def test_texts_of_files_are_no_markup_and_no_commands(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = Table(f"of {text}", ["name", f"value {text}"])
    table.add(text, "1")
    shown = printed(table, 100, monkeypatch, capsys)
    assert shown.count(visible(text)) == 3
    assert not set(shown) & {"\x1b", "\r", "\x07"}
