"""What a report says of measured and predicted latencies."""

from collections.abc import Mapping
from typing import Any

from zen_lightning.report.charts.latencies import Latency, latency_chart
from zen_lightning.report.costs import cost_cells, known
from zen_lightning.report.html.markup import Content, markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.svg import figures
from zen_lightning.report.html.tables import facts, structure_code, table, value_text
from zen_lightning.runs.run_folder import RunFolder


def latencies(run: RunFolder) -> Section | None:
    """Return the section on how long networks take: a chart, and a row for each network and batch size; None without any."""
    pairs = [(network, one) for network in run.result.get("networks") or [] for one in network["latencies"]]
    if not pairs:
        return None
    rows = [
        Latency(
            network["source"],
            one["batch_size"],
            one.get("milliseconds"),
            one.get("median"),
            one.get("high"),
            one.get("predicted_ms"),
        )
        for network, one in pairs
    ]
    predicted = any(one.predicted is not None for one in rows)
    columns = ["network", "batch", "ms an image", "median, ms", "quartiles apart", "passes", "images/s"]
    columns += ["predicted, ms", "off by"] * predicted
    cells = [_cells(network["source"], one, predicted) for network, one in pairs]
    chart = latency_chart(
        rows, "Time of a batch divided by its images: large dot, lower quartile; small dot, median; line, to the upper quartile"
    )
    body = table(columns, cells, "Measured" if not predicted else "Measured and predicted", sortable=True)
    doubted = [] if all(one.get("trusted", True) for _, one in pairs) else [_DOUBT]
    return Section("latencies", "How long they take", markup(figures([chart]), body, doubted))


def timed_networks(run: RunFolder) -> Section | None:
    """Return the section on the networks that were timed, and what they were timed with."""
    found = run.result.get("networks")
    if not isinstance(found, list) or not found:
        return None
    kinds = known(found)
    rows: list[list[Content]] = [
        [
            structure_code(one["source"]),
            structure_code(one["structure"]),
            *cost_cells(one, kinds),
            f"{one['resolution']} px",
            f"{one['num_classes']:,}",
        ]
        for one in found
    ]
    columns = ["network", "structure", *(kind.title for kind in kinds), "images", "classes"]
    settings: list[tuple[str, Content]] = [
        (key.replace("_", " "), value_text(value))
        for key, value in {**run.result.get("settings", {}), **run.result.get("device_facts", {})}.items()
        if key != "batch_size" and value is not None and not isinstance(value, list | dict)
    ]
    if run.result.get("profile"):
        settings.insert(0, ("profile", str(run.result["profile"])))
    shown = table(columns, rows, "The networks", left=2, sortable=True)
    return Section("networks", "The networks and the device", markup(shown, facts(settings)))


_DOUBT = markup("(!) The quartiles are too far apart to trust it: something else was running on the device.")


def _cells(source: str, one: Mapping[str, Any], predicted: bool) -> list[Content]:
    cells: list[Content] = [structure_code(source), f"{one['batch_size']:,}"]
    latency, told = one.get("milliseconds"), one.get("predicted_ms")
    if latency is None:
        cells += ["-"] * 5
    else:
        doubt = "" if one["trusted"] else " (!)"
        cells += [f"{latency:.4g}", f"{one['median']:.4g}", f"{one['spread']:.1%}{doubt}"]
        cells += [f"{one['repeats']:,}", f"{1000 / latency:,.0f}"]
    if predicted:
        cells.append("-" if told is None else f"{told:.4g} ± {one['uncertainty']:.2g}")
        cells.append("-" if told is None or latency is None else f"{told / latency - 1:+.1%}")
    return cells
