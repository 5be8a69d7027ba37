"""Charts as SVG."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from zen_lightning.budget import FlopsLimit
from zen_lightning.report.charts.axis import Axis, categories
from zen_lightning.report.charts.chart import Band, Bars, Cell, Chart, Line, Mark, Note, Points, Shades, Spans
from zen_lightning.report.charts.cloud import Group, network_chart
from zen_lightning.report.charts.networks import Point
from zen_lightning.report.html.svg import HEIGHT, WIDTH, Plot, figure, point_data, svg

CHART = Chart(
    "all kinds",
    Axis(0, 10, "x"),
    Axis(0, 1, "y"),
    [
        Band([1, 2], [0.1, 0.2], [0.3, 0.4], "band", "band"),
        Line([1, 2, 3], [0.1, 0.9, 0.5], "best", "line", steps=True),
        Bars([3, 5], [0.2, 0.6], 0.1, "kept", "bars"),
        Spans([1], [4], [0.5]),
        Points([1, 5, 9], [0.1, 0.5, 0.9], "network", "points", Shades("FLOPs", [1e6, 2e6, 9e6])),
        Mark(5, "limit", "limit"),
        Note(5, 0.5, "a note", "answer"),
        Cell(2, 0, -0.5, "cell"),
    ],
)


def test_places_and_data_of_a_cloud_agree() -> None:
    points = [Point(f"A({n})", 50.0 + n, {"params": 1000 + n, "flops": 10**6 * (n + 1)}) for n in range(9)]
    odd = Point("</script>", 60.0, {"params": 2, "flops": 3_000_000, "latency_ms": 0.25}, "the answer")
    chart = network_chart([Group("kept", "kept", points), Group("answer", "answer", [odd])], FlopsLimit, "", 224, limit=8e6)
    places = json.loads(re.search(r'data-places="([^"]*)"', svg(chart, "d")).group(1))  # type: ignore[union-attr]
    assert len(places) == 2 * len(chart.networks) == 2 * 10
    assert all(0 <= x <= WIDTH for x in places[::2])
    xs = places[:18:2]
    assert xs == sorted(xs)
    assert places[1:18:2] == sorted(places[1:18:2], reverse=True)
    assert max(places[1::2]) <= HEIGHT
    data = point_data("d", [*points, odd])
    assert data.count("</script>") == 1
    content = json.loads(re.search(r">(.*)</script>", data, re.DOTALL).group(1))  # type: ignore[union-attr]
    assert content["costs"] == [["parameters", ""], ["FLOPs", ""], ["latency", "ms"]]
    assert content["points"][0] == ["A(0)", 50.0, [1000, 1_000_000, None], ""]
    assert content["points"][-1] == ["</script>", 60.0, [2, 3_000_000, 0.25], "the answer"]


def test_points_lie_where_axes_say() -> None:
    plot = Plot(CHART)
    left, bottom = plot.at(0, 0)
    right, top = plot.at(10, 1)
    assert left < right < WIDTH
    assert 0 < top < bottom < HEIGHT
    assert plot.at(5, 0.5) == pytest.approx(((left + right) / 2, (top + bottom) / 2), abs=0.2)


def test_every_kind_of_series_is_drawn() -> None:
    root = ElementTree.fromstring(svg(CHART))
    classes = [node.get("class") for node in root.iter() if node.get("class")]
    for name in ("band", "line best", "bars kept", "interval", "limit", "note answer", "cell wrong"):
        assert name in classes
    # Colours go from the least to the most.
    assert [name for name in classes if "network" in name] == ["dots network shade0", "dots network shade4"]
    assert "nan" not in svg(CHART).lower()


def test_what_its_marks_mean_stands_below() -> None:
    drawn = figure(CHART, "said")
    legend = re.findall(r'<i class="key ([^"]*)"></i>([^<]*)', drawn)
    assert legend == [
        ("band", "band"),
        ("best", "line"),
        ("kept solid", "bars"),
        ("network shade0", "points, FLOPs 1M"),
        ("network shade4", "9M"),
        ("limit", "limit"),
    ]
    assert "<figcaption>said</figcaption>" in drawn


def test_names_of_categories_find_room() -> None:
    names = categories(["short", "a name of some length"])
    chart = replace(CHART, y=names, series=[Bars([1, 2], [0, 1], 0.5, "kept")], height=0.5)
    plot = Plot(chart)
    assert plot.at(0, 0)[0] > 9 * len(names.names[1])
    assert plot.at(0, 0)[1] < plot.at(0, 1)[1] < HEIGHT / 2
