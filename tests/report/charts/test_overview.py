"""Several correlation studies side by side."""

from typing import Any

from zen_lightning.report.charts.chart import Cell
from zen_lightning.report.charts.overview import correlation_overview, overview_chart


def study(name: str, within: str | None = "flops 10%", **kendall: float | None) -> dict[str, Any]:
    rows = [
        {"proxy": proxy, "kendall": 0.9, "kendall_low": None, "kendall_high": None}
        | ({} if within is None else {"kendall_within_flops_10": value, "kendall_within_flops_10_pairs": 5})
        | ({} if value is None else {"kendall_within_flops_10_low": value - 0.1, "kendall_within_flops_10_high": value + 0.1})
        for proxy, value in kendall.items()
    ]
    return {"accuracies": f"/tables/{name}.csv.gz", "accuracy": "top1", "within": [within] if within else [], "proxies": rows}


def test_cells_are_at_equal_cost_and_the_best_in_the_mean_comes_first() -> None:
    found = correlation_overview([study("macro", zen=0.1, flops=-0.2), study("accel", zen=0.5, az_nas=0.7), {"score": 3}])
    assert found is not None
    assert found.measure == "Kendall's tau of networks of equal cost (flops 10%)"
    columns, rows = found.rows()
    assert columns == ["proxy", "macro: top1", "accel: top1"]
    assert rows == [
        ["az_nas", "n/a", "0.700 [0.60, 0.80]"],
        ["zen", "0.100 [0.00, 0.20]", "0.500 [0.40, 0.60]"],
        ["flops", "-0.200 [-0.30, -0.10]", "n/a"],
    ]


def test_studies_of_other_bands_are_compared_over_all_networks() -> None:
    for second in (study("b", within=None, zen=0.3), study("b", within="flops 20%", zen=0.3)):
        found = correlation_overview([study("a", zen=0.1), second])
        assert found is not None
        assert found.measure == "Kendall's tau over all networks"
        assert found.rows()[1] == [["zen", "0.900", "0.900"]]


def test_without_a_study_there_is_nothing() -> None:
    assert correlation_overview([{"score": 1.0, "proxies": ["zen"]}, {}]) is None


def test_the_chart_shows_every_cell() -> None:
    found = correlation_overview([study("macro", zen=0.1, flops=-0.2), study("accel", zen=0.9)])
    assert found is not None
    cells = {(one.column, one.row): (one.value, one.text) for one in overview_chart(found).series if isinstance(one, Cell)}
    assert cells[1, 0] == (0.9, "0.90\n[0.80, 1.00]")
    assert cells[1, 1] == (None, "n/a")
    assert len(cells) == 4
