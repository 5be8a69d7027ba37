"""Plots are images of a sensible size that show the data."""

from collections import Counter
from pathlib import Path

from zen_lightning.arch import Architecture
from zen_lightning.report.png.search_plots import plot_cloud, plot_search
from zen_lightning.search.run import Candidate, SearchOutcome
from zen_lightning.search.trace import CloudPoint, HistoryRow

ARCH = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)")


def outcome(best: float) -> SearchOutcome:
    history = [HistoryRow(i, best - 1 / i, best - 2, best - 3, 5, i, 0) for i in (10, 20, 100)]
    cloud = [CloudPoint(i, best - i / 10, ARCH) for i in range(1, 9)]
    return SearchOutcome(0, [Candidate(best, ARCH)], history, cloud, 100, 8, Counter(), 1.0)


def test_both_plots_are_written(tmp_path: Path) -> None:
    plot_search(tmp_path / "search.png", [outcome(9.0), outcome(10.0)], "a search")
    plot_cloud(tmp_path / "cloud.png", [outcome(9.0)], 32, 10, limit=300_000)
    for name in ("search.png", "cloud.png"):
        content = (tmp_path / name).read_bytes()
        assert content.startswith(b"\x89PNG")
        width, height = int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")
        assert (width, height) == (960, 576)


def test_the_same_search_gives_the_same_image(tmp_path: Path) -> None:
    for name in ("one.png", "two.png"):
        plot_search(tmp_path / name, [outcome(9.0)], "a search")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
