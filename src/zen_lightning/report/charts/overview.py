"""Several correlation studies side by side: how each proxy ranks on each data set."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from zen_lightning.correlate.bootstrap import Estimate
from zen_lightning.report.charts.axis import categories
from zen_lightning.report.charts.chart import Cell, Chart, rows_height
from zen_lightning.system.numbers import interval_text


class CorrelationOverview(NamedTuple):
    """The table.

    Attributes:
        measure: what the cells are.
        datasets: the columns: a table of accuracies and a column of it.
        proxies: the rows, best on average first.
        cells: the cells, by proxy and data set; a proxy without a correlation there has none.
    """

    measure: str
    datasets: list[str]
    proxies: list[str]
    cells: dict[tuple[str, str], Estimate]

    def rows(self) -> tuple[list[str], list[list[str]]]:
        """Return headings and cells as text."""
        cells = [
            [proxy, *(str(self.cells.get((proxy, dataset), "n/a")) for dataset in self.datasets)] for proxy in self.proxies
        ]
        return ["proxy", *self.datasets], cells


def correlation_overview(results: Sequence[Mapping[str, Any]]) -> CorrelationOverview | None:
    """Return what the results of some correlation studies say together; None where there is no such result.

    The cells are Kendall's tau at equal cost where every study has the same first band, else over all networks.

    Args:
        results: what the ``result.json`` of each run holds; runs of other tasks are left out.
    """
    studies = [result for result in results if _is_study(result)]
    if not studies:
        return None
    bands = [(result.get("within") or [None])[0] for result in studies]
    datasets, cells = _cells(studies, at_equal_cost=True) if bands[0] and len(set(bands)) == 1 else ([], {})
    measure = f"Kendall's tau of networks of equal cost ({bands[0]})"
    if not cells:
        datasets, cells = _cells(studies, at_equal_cost=False)
        measure = "Kendall's tau over all networks"
    if not cells:
        return None
    means = {
        proxy: sum(values) / len(values)
        for proxy in dict.fromkeys(proxy for proxy, _ in cells)
        if (values := [found.value for (name, _), found in cells.items() if name == proxy])
    }
    return CorrelationOverview(measure, datasets, sorted(means, key=lambda proxy: -means[proxy]), cells)


def overview_chart(overview: CorrelationOverview) -> Chart:
    """Return a cell for each proxy and data set: blue where it ranks right, red where it ranks the wrong way round."""
    cells = []
    for row, proxy in enumerate(overview.proxies):
        for column, dataset in enumerate(overview.datasets):
            found = overview.cells.get((proxy, dataset))
            text = "n/a" if found is None else interval_text(*found, form=".2f")
            cells.append(Cell(column, row, None if found is None else found.value, text.replace(" [", "\n[")))
    names = [name.replace(": ", ":\n").replace(" less ", "\nless ") for name in overview.datasets]
    x, y = categories(names, downwards=False), categories(overview.proxies)
    return Chart(overview.measure, x, y, cells, rows_height(len(overview.proxies), around=0.3))


def _cells(studies: Sequence[Mapping[str, Any]], at_equal_cost: bool) -> tuple[list[str], dict[tuple[str, str], Estimate]]:
    """Return the names of the data sets, and what is known by proxy and data set."""
    cells: dict[tuple[str, str], Estimate] = {}
    datasets: dict[str, None] = {}
    for result in studies:
        dataset = f"{Path(str(result['accuracies'])).name.partition('.')[0]}: {result.get('column') or result['accuracy']}"
        datasets[dataset] = None
        for row in result["proxies"]:
            found = _cell(row, at_equal_cost)
            if found is not None:
                cells[str(row["proxy"]), dataset] = found
    return list(datasets), cells


def _is_study(result: Mapping[str, Any]) -> bool:
    rows = result.get("proxies")
    return isinstance(rows, list) and "accuracies" in result and all(isinstance(row, dict) and "kendall" in row for row in rows)


def _cell(row: Mapping[str, Any], at_equal_cost: bool) -> Estimate | None:
    within = [key.removesuffix("_pairs") for key in row if key.startswith("kendall_within_") and key.endswith("_pairs")]
    name = within[0] if at_equal_cost and within else "kendall"
    value, low, high = (row.get(name + end) for end in ("", "_low", "_high"))
    return None if value is None else Estimate(float(value), low, high)
