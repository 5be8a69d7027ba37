"""Means, deviations and groups."""

import pytest

from zen_lightning.report.statistics import Row, grouped, summarise, summary_text


def test_the_deviation_is_that_of_a_sample() -> None:
    summary = summarise([2, 4, 4, 4, 5, 5, 7, 9])
    assert summary.mean == 5
    assert summary.std == pytest.approx((32 / 7) ** 0.5)  # 32 / 8 would be that of a population.
    assert (summarise([3]).mean, summarise([3]).std, summarise([]).mean, summarise([]).n) == (3, None, None, 0)


def test_groups_leave_nothing_out_and_sort_by_number() -> None:
    rows = [
        Row((lr,), {"a": value}) for lr, value in (("10", 1.0), ("9", 2.0), ("10", 3.0), ("", None), ("x", 5.0), ("9", None))
    ]
    groups = grouped(rows, ["a", "b"])
    assert [(group.settings, group.runs, group.metrics["a"].values) for group in groups] == [
        (("9",), 2, (2.0,)),
        (("10",), 2, (1.0, 3.0)),
        (("",), 1, ()),
        (("x",), 1, (5.0,)),
    ]
    assert all(group.metrics["b"].n == 0 for group in groups)


@pytest.mark.parametrize(
    ("name", "values", "text"),
    [
        ("val_top1", [96.1234], "96.12"),
        ("val_top1", [96.0, 96.0], "96.00 ± 0.00"),
        ("params", [1834, 1834], "1834"),
        ("params", [1_000_000, 1_100_000], "1.05M ± 70.7k"),
        ("score", [99.1, 99.4], "99.25 ± 0.21"),
        ("score", [-0.0012, -0.0014], "-0.00130 ± 0.00014"),
        ("seconds", [100.0, 300.0], "200 ± 141"),
        ("score", [], ""),
    ],
)
def test_figures_as_they_are_read(name: str, values: list[float], text: str) -> None:
    assert summary_text(name, summarise(values)) == text
