"""Axes, clouds and curves."""

import json
import re
from pathlib import Path

import pytest

from zen_lightning.report.html.chart import HEIGHT, WIDTH, Plot
from zen_lightning.report.html.cloud import Group, cloud_chart
from zen_lightning.report.html.curves import accuracy_curve, loss_curve, search_curve
from zen_lightning.report.html.points import Point, evenly, light, point_data
from zen_lightning.report.html.scale import Axis, spanning
from zen_lightning.search.journal_sample import read_sample


@pytest.mark.parametrize(
    ("low", "high", "log"), [(0, 1, False), (-3, 7.3, False), (99.1, 99.4, False), (10, 480_000, True), (3, 9, True)]
)
def test_ticks_are_few_round_and_within(low: float, high: float, log: bool) -> None:
    axis = Axis(low, high, "", str, log)
    ticks = axis.ticks()
    assert 2 <= len(ticks) <= 12
    assert all(low * (1 - 1e-3) <= tick <= high * 1.001 for tick in ticks if low >= 0)
    assert axis.share(low) == 0
    assert axis.share(high) == pytest.approx(1)
    assert spanning([5.0, 5.0])[0] < 5 < spanning([5.0, 5.0])[1]


def test_places_and_data_of_a_cloud_agree() -> None:
    points = [Point(f"A({n})", 50.0 + n, 1000 + n, 10**6 * (n + 1), n, None, "") for n in range(9)]
    odd = Point("</script>", 60.0, 2, 3_000_000, 4, 0.25, "the answer")
    svg = cloud_chart([Group("kept", "kept", points), Group("answer", "answer", [odd])], "flops", "d", limit=8e6)
    places = json.loads(re.search(r'data-places="([^"]*)"', svg).group(1))
    assert len(places) == 2 * 10
    assert all(0 <= x <= WIDTH for x in places[::2])
    xs = places[:18:2]
    assert xs == sorted(xs)
    assert places[1:18:2] == sorted(places[1:18:2], reverse=True)
    assert max(places[1::2]) <= HEIGHT
    data = point_data("d", [*points, odd])
    assert data.count("</script>") == 1
    content = json.loads(re.search(r">(.*)</script>", data, re.DOTALL).group(1))
    assert content["points"][-1] == ["</script>", 60.0, 2, 3_000_000, 4, 0.25, "the answer"]


def test_an_even_sample_keeps_both_ends() -> None:
    assert evenly(range(5), 9) == [0, 1, 2, 3, 4]
    sample = evenly(range(100_000), 2_000)
    assert (len(sample), sample[0], sample[-1]) == (2_000, 0, 99_999)
    assert sample == sorted(set(sample))


def test_long_structures_make_a_sample_smaller() -> None:
    short, long = (Point("A" * length, 1.0, 1, 1, 1) for length in (250, 1_000))
    assert len(light([short] * 5_000, 800)) == 800
    assert len(light([long] * 5_000, 800)) == 600
    assert light([], 800) == []


def test_curves_of_short_runs_can_be_drawn() -> None:
    rows = [{"restart": "0", "iteration": "1", "best": "3.5", "mean": "3.5", "lowest": "3.5"}]
    assert 'class="line best"' in search_curve(rows)
    epoch = {"epoch": "1", "train_loss": "2.0", "val_loss": "", "val_top1": ""}
    assert "loss" in loss_curve([epoch])
    assert "nan" not in accuracy_curve([epoch | {"val_top1": "100.0"}]).lower()


def test_points_lie_where_axes_say() -> None:
    plot = Plot(Axis(0, 10, "", str), Axis(0, 1, "", str))
    left, bottom = plot.at(0, 0)
    right, top = plot.at(10, 1)
    assert left < right < WIDTH
    assert 0 < top < bottom < HEIGHT
    assert plot.at(5, 0.5) == pytest.approx(((left + right) / 2, (top + bottom) / 2), abs=0.2)


def test_a_journal_that_was_cut_short_gives_what_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "restart-00.jsonl"
    assert read_sample(path) == []
    whole = json.dumps({"cloud": [[1, 2.5, "A(3,8)"], [2, 3.5, "B(3,8)"]]})
    path.write_text(f'{{"zen_lightning_journal":1}}\n{whole}\n{whole[:20]}')
    assert [(point.iteration, point.score, point.structure) for point in read_sample(path)] == [
        (1, 2.5, "A(3,8)"),
        (2, 3.5, "B(3,8)"),
    ]
    path.write_text(json.dumps({"cloud": [[n, n, "A"] for n in range(9_000)]}) + "\n")
    points = read_sample(path)
    assert len(points) <= 4_000
    assert points[0].iteration == 0
    path.write_text(json.dumps({"cloud": [[1, 2.5, "A(3,8)", [1.0]]]}) + "\n")
    assert read_sample(path) == []
