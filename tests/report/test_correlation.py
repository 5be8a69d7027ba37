"""Correlations as tables, plots and progress."""

from collections import Counter
from pathlib import Path

import pytest

from zen_lightning.correlate.bootstrap import Estimate
from zen_lightning.correlate.rank_correlation import RankCorrelation
from zen_lightning.correlate.scoring import ProxyScores
from zen_lightning.correlate.study import Findings, ProxyResult
from zen_lightning.report.png.correlation_plots import is_crowded, plot_overview, plot_scatter
from zen_lightning.report.terminal.correlation_table import correlation_markdown, correlation_table, failure_lines

GOOD = RankCorrelation(1000, Estimate(0.7411, 0.71, 0.77), Estimate(0.913, 0.9, 0.92))
RESULTS = [
    ProxyResult("az_nas", {}, ProxyScores([], 1.234567, Counter({"a": 2, "b": 5, "c": 1, "d": 1})), Findings(GOOD)),
    ProxyResult("a|b", {}, ProxyScores([], None, Counter()), Findings(RankCorrelation(0, None, None))),
]


def test_a_row_for_each_proxy() -> None:
    assert [line.split() for line in correlation_table(RESULTS, "Title").plain().splitlines()[2:]] == [
        ["az_nas", "1,000", "0.741", "[0.71,", "0.77]", "0.913", "[0.90,", "0.92]", "1.23"],
        ["a|b", "0", "n/a", "n/a", "n/a"],
    ]


def test_markdown_is_a_table_of_github() -> None:
    lines = correlation_markdown(RESULTS, "What it is.").splitlines()
    assert lines[:2] == ["What it is.", ""]
    assert lines[4] == "| az_nas | 1,000 | 0.741 [0.71, 0.77] | 0.913 [0.90, 0.92] | 1.23 | 9 |"
    assert lines[5].startswith("| a\\|b | 0 | n/a")
    assert {line.replace("\\|", "").count("|") for line in lines[2:]} == {7}


def test_reasons_are_counted() -> None:
    assert failure_lines(RESULTS) == ["az_nas could not score 9: 5 x b; 2 x a; 1 x c; and 1 other reasons"]


def test_plots_are_images_and_repeat(tmp_path: Path) -> None:
    scores, accuracies = [float(i) for i in range(40)], [10.0] + [80 + i / 4 for i in range(39)]
    for name in ("one", "two"):
        plot_scatter(tmp_path / name / "s.png", "az_nas", scores, accuracies, "cifar10", Findings(GOOD))
        plot_overview(tmp_path / name / "o.png", RESULTS, "cifar10")
    for name in ("s.png", "o.png"):
        content = (tmp_path / "one" / name).read_bytes()
        assert content.startswith(b"\x89PNG")
        assert content == (tmp_path / "two" / name).read_bytes()


def test_plots_of_almost_nothing(tmp_path: Path) -> None:
    plot_scatter(tmp_path / "s.png", "x", [1.0], [5.0], "top1", RESULTS[1].findings)
    plot_overview(tmp_path / "o.png", RESULTS[1:], "top1")
    assert (tmp_path / "s.png").is_file()
    assert (tmp_path / "o.png").is_file()


@pytest.mark.parametrize(
    ("values", "crowded"),
    [
        ([float(i) for i in range(100)], False),
        ([-1e9, *(float(i) for i in range(98)), 1e9], True),
        ([10.0 ** (i / 10) for i in range(100)], True),
        ([1.0] * 5, False),
        ([3.0], False),
    ],
)
def test_heavy_tails_are_drawn_by_rank(values: list[float], crowded: bool) -> None:
    assert is_crowded(values) == crowded
