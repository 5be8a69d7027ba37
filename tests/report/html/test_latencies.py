"""What a report says of measured and predicted latencies."""

from pathlib import Path
from typing import Any

import pytest

from zen_lightning.report.charts.chart import Points, Spans
from zen_lightning.report.charts.latencies import Latency, latency_chart
from zen_lightning.report.html.report import build_report
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.tasks.latency.latency import Latency as LatencyTask

MEASURED = {"milliseconds": 0.5, "median": 0.6, "high": 0.8, "repeats": 1200, "share": 1.0, "spread": 0.5, "trusted": False}
PREDICTED = {"predicted_ms": 0.55, "uncertainty": 0.02}


def result(*latencies: dict[str, Any], networks: int = 1) -> dict[str, Any]:
    """Return the result of timing networks at batch sizes 1, 2, ..."""
    network = {"structure": "SuperConvK3BNRELU(3,8,2,1)", "params": 300, "flops": 9000, "layers": 1, "peak_activations": 128}
    rows = [{"batch_size": size + 1, **one} for size, one in enumerate(latencies)]
    setting = {"resolution": 32, "num_classes": 10, "use_se": False, "latencies": rows}
    timed = [{"source": f"net{at}.txt", **network, **setting} for at in range(networks)]
    facts = {"name": "a processor", "cores": 2, "versions": {"torch": "2"}, "driver": None}
    return {"networks": timed, "settings": {"dtype": "float32", "batch_size": 1}, "device": "cpu", "device_facts": facts}


def page_of(tmp_path: Path, content: dict[str, Any]) -> str:
    return build_report(RunFolder(tmp_path, "latency", content), LatencyTask.sections)


def test_each_network_and_batch_size_has_a_row_and_a_mark(tmp_path: Path) -> None:
    page = page_of(tmp_path, result(MEASURED, MEASURED, networks=2))
    assert page.count('class="chart"') == 1
    assert "How long 2 networks take" in page
    assert page.count("<td>50.0% (!)</td>") == 4
    assert "The quartiles are too far apart to trust it" in page
    assert page.count("<table data-sortable") == 2
    for text in ("net0.txt, 1", "net1.txt, 2", "<dd>a processor</dd>", "<td>2,000</td>"):
        assert text in page
    assert "predicted" not in page


def test_a_prediction_stands_beside_the_measurement(tmp_path: Path) -> None:
    page = page_of(tmp_path, result({**MEASURED, "trusted": True, **PREDICTED}))
    assert "0.5 ms an image on cpu" in page
    for text in ("<td>0.55 ± 0.02</td>", "<td>+10.0%</td>", "Measured and predicted"):
        assert text in page
    assert "too far apart" not in page


def test_a_prediction_alone(tmp_path: Path) -> None:
    page = page_of(tmp_path, result(PREDICTED))
    assert "0.55 ms an image on cpu" in page
    assert page.count("<td>-</td>") == 6


def test_the_chart_goes_from_the_lower_to_the_upper_quartile() -> None:
    spans, median, latency, predicted = latency_chart(
        [Latency("a", 1, 0.5, 0.6, 0.8, 0.55), Latency("b", 1, None, None, None, 0.7)], "title"
    ).series
    assert isinstance(spans, Spans)
    assert (list(spans.lows), list(spans.highs), list(spans.ys)) == ([0.5], [0.8], [0])
    assert isinstance(median, Points)
    assert isinstance(latency, Points)
    assert isinstance(predicted, Points)
    assert (list(median.xs), list(latency.xs)) == ([0.6], [0.5])
    assert (list(predicted.xs), list(predicted.ys)) == ([0.55, 0.7], [0, 1])


@pytest.mark.parametrize("sources", [("a", "a"), ("a", "b")])
def test_networks_are_named_where_there_are_several(sources: tuple[str, str]) -> None:
    chart = latency_chart([Latency(source, size + 1, 1.0, 1.0, 1.0, None) for size, source in enumerate(sources)], "title")
    assert list(chart.y.names) == (["1", "2"] if sources == ("a", "a") else ["a, 1", "b, 2"])
