"""Correlations as tables, plots and progress."""

from collections import Counter

import pytest

from zen_lightning.correlate.bootstrap import Estimate
from zen_lightning.correlate.rank_correlation import RankCorrelation
from zen_lightning.correlate.scoring import ProxyScores
from zen_lightning.correlate.study import Findings, ProxyResult
from zen_lightning.report.charts.chart import Bars, Points, Spans
from zen_lightning.report.charts.correlations import is_crowded, rank_scatter, scatter_title, study_bars
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


def test_bars_with_intervals() -> None:
    chart = study_bars(RESULTS, "cifar10")
    assert list(chart.y.names) == ["az_nas"]  # The other has no correlation.
    assert [(one.label, list(one.xs)) for one in chart.series if isinstance(one, Bars)] == [
        ("Kendall, all networks", [0.7411]),
        ("Spearman", [0.913]),
    ]
    assert [(list(one.lows), list(one.highs)) for one in chart.series if isinstance(one, Spans)] == [
        ([0.71], [0.77]),
        ([0.9], [0.92]),
    ]
    assert study_bars(RESULTS[1:], "top1").y.names == []


def test_accuracy_against_score() -> None:
    scores, accuracies = [*(float(i) for i in range(40)), None], [10.0] + [80 + i / 4 for i in range(40)]
    chart = rank_scatter("az_nas", scores, accuracies, "cifar10", scatter_title(Findings(GOOD)), ("flops", list(range(41))))
    inside, low = (one for one in chart.series if isinstance(one, Points))
    assert (len(inside.xs), low.xs, low.label) == (39, [0.0], "1 below 75.6")
    assert inside.shades is not None
    assert list(inside.shades.values) == list(range(1, 40))
    assert chart.title == "Kendall 0.741 [0.71, 0.77], Spearman 0.913 [0.90, 0.92], 1,000 networks"
    assert chart.x.label == "az_nas"
    assert rank_scatter("x", [1.0], [5.0], "top1", "").x.low < 1.0


def test_heavy_tails_are_drawn_in_ranks() -> None:
    chart = rank_scatter("x", [10.0**i for i in range(30)], [float(i) for i in range(30)], "top1", "")
    assert chart.x.label == "x, rank (best: 30)"


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
