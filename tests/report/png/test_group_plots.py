"""Plots of groups and of trials."""

from pathlib import Path

import pytest

from report.png.drawn_figures import drawn
from zen_lightning.report.png.group_plots import plot_comparison, plot_groups
from zen_lightning.report.proxy_comparison import SOURCE, Trained, compare_proxies
from zen_lightning.report.statistics import Row, grouped

ROWS = [Row((lr,), {"val_top1": value, "params": 1e6, "none": None}) for lr, value in (("1", 2.0), ("1", 3.0), ("2", 4.0))]


def test_a_panel_for_each_figure_that_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = drawn(monkeypatch)
    names = ["val_top1", "params", "none"]
    assert plot_groups(tmp_path / "table.png", grouped(ROWS, names), ["recipe.lr"], names, "runs") == []
    (axes,) = kept[0].axes  # type: ignore[attr-defined]
    assert (axes.get_xlabel(), [label.get_text() for label in axes.get_yticklabels()]) == ("val_top1, percent", ["1", "2"])
    points = [tuple(point) for collection in axes.collections for point in collection.get_offsets()]
    assert {(2.0, 0.0), (3.0, 0.0), (4.0, 1.0)} <= set(points)
    assert (tmp_path / "table.png").read_bytes().startswith(b"\x89PNG")


def test_what_finds_no_room_is_named(tmp_path: Path) -> None:
    rows = [Row((str(number),), {"a": number, "b": -number}) for number in range(150)]
    assert plot_groups(tmp_path / "table.png", grouped(rows, ["a", "b"]), ["x"], ["a", "b"], "runs") == ["b"]


def test_published_accuracies_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = drawn(monkeypatch)
    plot_comparison(tmp_path / "proxies.png", compare_proxies([Trained("zen", "cifar10", 95.0)]), SOURCE)
    (axes,) = kept[0].axes  # type: ignore[attr-defined]
    points = [tuple(point) for collection in axes.collections for point in collection.get_offsets()]
    assert {(95.0, 0.0), (96.2, 0.0), (93.5, 6.0)} <= set(points)
