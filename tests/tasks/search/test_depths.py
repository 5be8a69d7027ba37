"""``budget.layers=auto`` from the command line to the files."""

import csv
import json
import shutil
from pathlib import Path

import pytest

from command_line import Zen

SEARCH = ("search=zen", "budget=flops600M", "search.iterations=400", "search.finalists=0", "search.population_size=30")


def test_the_depth_with_the_highest_calibrated_score_is_searched(zen: Zen, tmp_path: Path) -> None:
    ended = zen(*SEARCH, "budget.layers=auto", "budget.depths=[14,7,10]", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    with (tmp_path / "depths.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["limit"] for row in rows] == ["7", "10", "14"]
    best = max(rows, key=lambda row: float(row["calibrated"]))
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["budgets"]["layers"] == int(best["limit"])
    assert result["layers"] <= int(best["limit"])
    assert f"the calibrated score chose at most {best['limit']} layers" in ended.out
    assert f"(flops 600M, layers {best['limit']})" in ended.out
    assert json.loads((tmp_path / "depths.json").read_text())["chosen"] == int(best["limit"])
    assert "The best network that was found under each limit on layers" in (tmp_path / "report.html").read_text()
    before = (tmp_path / "depths.json").read_bytes()
    again = zen(f"resume={tmp_path}", "search.iterations=500")
    assert again.code == 0, again.err
    assert "choosing the depth" not in again.out
    assert (tmp_path / "depths.json").read_bytes() == before


def test_the_exact_optimiser_finds_the_network_of_each_depth(zen: Zen, tmp_path: Path) -> None:
    start = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE1K3(8,160,2,8,1)SuperConvK1BNRELU(160,64,1,1)"
    small = (f'start="{start}"', "resolution=32", "num_classes=10", "budget.flops=1M", "search.rerank=null")
    exact = ("search=zen", "budget=flops600M", "search.optimizer=exact", "budget.layers=auto", "budget.depths=[3,5]")
    ended = zen(*exact, *small, f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert "the optimum under each of 3, 5 layers" in ended.out
    with (tmp_path / "depths.csv").open() as file:
        rows = {int(row["limit"]): row for row in csv.DictReader(file)}
    result = json.loads((tmp_path / "result.json").read_text())
    chosen = rows[result["budgets"]["layers"]]
    assert float(chosen["score"]) == pytest.approx(result["optimum"], abs=1e-8)
    assert chosen["structure"] == result["optimum_structure"]
    assert float(rows[3]["score"]) < float(rows[5]["score"])


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        (("budget.layers=auto", "budget.depths=[0]"), "budget.depths=[0]: expected a list of numbers of layers"),
        (("budget.layers=auto", "budget.depths=7"), "budget.depths=7: expected a list of numbers of layers"),
        (("budget.layers=auto", "budget.depths=[2]"), "was found with at most 2 layers (the start has 6); raise a limit"),
        (
            ("budget.layers=auto", "budget.depths=[7]", "shape.layers_each_stage=2"),
            "within the other limits and of the shape asked for was found with at most 7 layers (the start has 10)",
        ),
        (
            ("budget.layers=auto", "budget.depths=[7]", "search.optimizer=exact", "search.restarts=2"),
            "search.optimizer=exact has one answer",
        ),
        (
            ("budget.layers=auto", "budget.flops=1M"),
            "the smallest that the space 'mobilenet' reaches from this start has flops",
        ),
        (("budget.layers=deep",), "budget.layers=deep: expected a positive count such as 14, or auto, or null"),
        (("task=pareto", "budget.layers=auto"), "budget.layers=auto: it chooses one depth for one answer"),
    ],
)
def test_what_cannot_be_used_is_said(zen: Zen, tmp_path: Path, keys: tuple[str, ...], said: str) -> None:
    search = [key for key in SEARCH if not (key.startswith("search=") and "task=pareto" in keys)]
    ended = zen(*search, *keys, f"output_dir={tmp_path / 'out'}")
    assert ended.code == 2
    assert said in ended.err
    assert "search.optimizer=exact" not in keys or "choosing the depth" not in ended.out


def test_a_shape_is_tried_from_the_fewest_layers_that_have_it(zen: Zen, tmp_path: Path) -> None:
    given = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,1)SuperResIDWE6K3(32,64,2,32,1)SuperConvK1BNRELU(64,256,1,1)"
    shape = (f'start="{given}"', "shape.layers_each_stage=2", "search.iterations=100")
    ended = zen(*SEARCH, *shape, "budget.layers=auto", "budget.depths=[6,8]", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    with (tmp_path / "depths.csv").open() as file:
        assert [row["limit"] for row in csv.DictReader(file)] == ["6", "8"]
    again = zen(f"resume={tmp_path}", "search.iterations=150")
    assert again.code == 0, again.err
    assert "choosing the depth" not in again.out


def test_a_choice_for_another_search_is_not_taken(zen: Zen, tmp_path: Path) -> None:
    auto = ("search.iterations=100", "budget.layers=auto", "budget.depths=[7]", f"output_dir={tmp_path}")
    assert zen(*SEARCH, *auto).code == 0
    shutil.rmtree(tmp_path / "journal")  # As if the search had been killed before its first record.
    (tmp_path / "result.json").unlink()
    other = zen(*SEARCH, *auto, "budget.flops=300M")
    assert other.code == 2
    assert "depths.json belongs to another search" in other.err
