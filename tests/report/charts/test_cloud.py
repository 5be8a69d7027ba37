"""The candidates of a search, and its front, from the files of a run."""

import csv
import json
from pathlib import Path
from typing import Any

from zen_lightning.arch import Architecture
from zen_lightning.budget import ParamsLimit
from zen_lightning.report.charts.chart import Chart, Line, Mark, Note, Points
from zen_lightning.report.charts.cloud import Group, candidates, front_charts, network_chart
from zen_lightning.report.charts.networks import Point, evenly, light, tried
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.search.journal_sample import read_sample

TEXTS = [f"SuperConvK3BNRELU(3,{width},1,1)" for width in (8, 16, 24, 32, 40)]
RESULT: dict[str, Any] = {"resolution": 224, "num_classes": 1000, "search": "zen", "structure": TEXTS[0]}


def costs(text: str) -> dict[str, int]:
    arch = Architecture.parse(text)
    return {"params": arch.num_params(1000), "flops": arch.flops(224, 1000), "layers": arch.num_layers}


def scored(texts: list[str]) -> list[dict[str, Any]]:
    return [{"structure": text, "score": 50.0 + n, **costs(text)} for n, text in enumerate(texts)]


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def points(chart: Chart) -> dict[str, Points]:
    return {one.style: one for one in chart.series if isinstance(one, Points)}


def searched(folder: Path) -> RunFolder:
    write(folder / "population.csv", scored(TEXTS[:3]))
    best = {"search_score": 52.0, "final_score": 53.0, "standard_error": ""}
    write(folder / "finalists.csv", [{"structure": TEXTS[0], **best, **costs(TEXTS[0])}])
    (folder / "journal").mkdir()
    cloud = [[n + 1, 40.0 + n, text] for n, text in enumerate(TEXTS)]
    (folder / "journal" / "restart-00.jsonl").write_text(json.dumps({"cloud": cloud}) + "\n")
    return RunFolder(folder, "search", RESULT | {"budgets": {"flops": 1e9, "layers": 14}, "accepted": 5})


def test_candidates_by_what_became_of_them(tmp_path: Path) -> None:
    chart = candidates(searched(tmp_path))
    assert chart is not None
    found = points(chart)
    assert [one.structure for one in found["timed"].networks] == TEXTS[3:]
    assert list(found["timed"].shades.values) == [4, 5]  # type: ignore[union-attr]
    assert [one.structure for one in found["kept"].networks] == TEXTS[1:3]
    assert [one.name for one in found["answer"].networks] == ["the answer, final score 53.000"]
    assert [one.x for one in chart.series if isinstance(one, Mark)] == [1e9]
    assert chart.x.label.startswith("FLOPs")
    assert chart.x.low <= min(found["timed"].xs) < 1e9 < chart.x.high
    assert len(chart.networks) == sum(len(one.xs) for one in found.values())


def test_a_sample_that_is_given_is_drawn_instead_of_the_journal(tmp_path: Path) -> None:
    given = [Point(TEXTS[4], 45.0, costs(TEXTS[4]), iteration=7)]
    chart = candidates(searched(tmp_path), given)
    assert chart is not None
    assert [one.structure for one in points(chart)["timed"].networks] == [TEXTS[4]]


def test_without_a_population_there_is_nothing(tmp_path: Path) -> None:
    assert candidates(RunFolder(tmp_path, "search", RESULT)) is None


def test_a_front_against_each_of_its_costs(tmp_path: Path) -> None:
    write(tmp_path / "front.csv", scored(TEXTS))
    chosen = {"file": "structures/a.txt", "score": 54.0, **costs(TEXTS[4])}
    result = RESULT | {"objectives": ["score", "flops", "params"], "structures": [chosen], "budgets": {"flops": 2e8}}
    published = [
        Point("P", 52.0, {"params": 10**4, "flops": 4 * 10**7, "layers": 3}, "published: zennet_imagenet1k_flops400M_SE_res224")
    ]
    charts = front_charts(RunFolder(tmp_path, "pareto", result), published=published)
    assert [chart.x.label.partition(" ")[0] for chart in charts] == ["FLOPs", "parameters"]
    for chart in charts:
        found = points(chart)
        assert [one.name for one in found["final"].networks] == ["structures/a.txt"]
        assert len(found["front"].networks) == 4
        (stairs,) = (one for one in chart.series if isinstance(one, Line))
        assert list(stairs.ys) == [50.0, 51.0, 52.0, 53.0, 54.0, 54.0]
        assert stairs.xs[-1] == chart.x.high
        assert [one.text for one in chart.series if isinstance(one, Note)] == ["flops400M_SE"]
    assert charts[0].networks == charts[1].networks


def test_what_lies_far_below_is_cut_off() -> None:
    networks = [Point("A", -1e6, {"params": 1}), *(Point("B", 50.0 + n, {"params": n}) for n in range(1, 40))]
    chart = network_chart([Group("kept", "kept", networks), Group("answer", "none", [])], ParamsLimit, "", 32)
    assert chart.y.low > 0
    assert list(points(chart)) == ["kept"]
    assert chart.x.log


def test_an_even_sample_keeps_both_ends() -> None:
    assert evenly(range(5), 9) == [0, 1, 2, 3, 4]
    sample = evenly(range(100_000), 2_000)
    assert (len(sample), sample[0], sample[-1]) == (2_000, 0, 99_999)
    assert sample == sorted(set(sample))


def test_long_structures_make_a_sample_smaller() -> None:
    short, long = (Point("A" * length, 1.0, {}) for length in (250, 1_000))
    assert len(light([short] * 5_000, 800)) == 800
    assert len(light([long] * 5_000, 800)) == 600
    assert light([], 800) == []


def test_unknown_super_blocks_of_a_journal_are_left_out(tmp_path: Path) -> None:
    run = searched(tmp_path)
    (tmp_path / "journal" / "restart-01.jsonl").write_text(json.dumps({"cloud": [[1, 1.0, "SuperUnknown(3,8)"]]}) + "\n")
    assert [one.structure for one in tried(run, 100)] == TEXTS


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


def test_a_front_with_bounds_and_another_front(tmp_path: Path) -> None:
    rows = scored(TEXTS[:3])
    write(tmp_path / "front.csv", [row | {"bound": row["score"] + 0.5} for row in rows])
    write(tmp_path / "front_beside.csv", [row | {"score": row["score"] - 1} for row in rows[1:]])
    run = RunFolder(tmp_path, "pareto", RESULT | {"objectives": ["score", "flops"], "structures": []})
    (chart,) = front_charts(run, [], [])
    lines = {line.style: line for line in chart.series if isinstance(line, Line)}
    # Up to the cost of the next network no score is above the bound of that one.
    assert list(lines["mean"].ys) == [51.5, 52.5, 52.5, 52.5]
    assert list(lines["other"].ys) == [50.0, 51.0, 51.0]
    assert list(lines["best"].ys) == [50.0, 51.0, 52.0, 52.0]
    assert [one.structure for one in points(chart)["beside"].networks] == TEXTS[1:3]
    assert chart.y.low < 50.0
    assert chart.y.high > 52.0
