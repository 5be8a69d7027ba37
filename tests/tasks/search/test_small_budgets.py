"""Any budget: small ones are searched from a smaller start, and ``budget=custom`` takes limits alone."""

import json
import re
from pathlib import Path

import pytest

import zen_lightning as zl
from command_line import Zen
from zen_lightning.arch import Architecture

SMALL = ("search.iterations=200", "search.population_size=30", "search.finalists=0")

BUDGETS = [
    ("budget=flops600M", "budget.flops=100M"),
    ("budget=params1M", "budget.params=50k", "num_classes=10"),
    ("budget=params1M", "budget.flops=4M", "resolution=64"),
    ("budget=custom", "params=200k", "flops=20M", "resolution=64", "num_classes=3"),
    ("budget=custom", "search_space=mobilenet", "params=200K", "resolution=48", "num_classes=10"),
    ("budget=custom", "flops=0.1g", "layers=12"),
    ("budget=flops400M", "budget.flops=90M", "search_space=mbconv"),
    ("budget=params1M", "budget.params=60k", "start=auto"),
    ("budget=accel_nasbench", "budget.flops=160M"),
]


@pytest.mark.parametrize(
    ("task", "keys"), [*(("search", keys) for keys in BUDGETS), *(("pareto", keys) for keys in BUDGETS[1:4])], ids=str
)
def test_a_small_budget_ends_with_a_network_within_it(zen: Zen, tmp_path: Path, task: str, keys: tuple[str, ...]) -> None:
    small = [key for key in SMALL if task == "search" or "finalists" not in key]
    ended = zen(*keys, *small, f"task={task}", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    result = json.loads((tmp_path / "result.json").read_text())
    for name, limit in result["budgets"].items():
        assert result[name] <= limit
    assert ("the start is over the budget (" in ended.out) == ("asked_start" in result)


def test_another_start_is_recorded_and_reported(zen: Zen, tmp_path: Path) -> None:
    run = tmp_path / "run"
    given = "SuperConvK3BNRELU(3,32,1,1)SuperResK3K3(32,64,2,32,2)SuperConvK1BNRELU(64,128,1,1)"
    ended = zen("budget=params1M", "budget.params=40k", "num_classes=10", f"start={given}", *SMALL, f"output_dir={run}")
    assert ended.code == 0, ended.err
    result = json.loads((run / "result.json").read_text())
    assert result["asked_start"] == given
    assert Architecture.parse(result["start"]).num_params(10) <= 40_000 < Architecture.parse(given).num_params(10)
    page = re.sub("<[^>]*>", "", (run / "report.html").read_text())
    assert "start asked for, which does not fit the budget" in page
    assert given in page
    assert result["start"] in page
    again = zen(f"resume={run}", "search.iterations=500")
    assert again.code == 0, again.err
    assert json.loads((run / "result.json").read_text())["asked_start"] == given


def test_the_exact_optimiser_says_nothing_of_a_start(zen: Zen, tmp_path: Path) -> None:
    keys = ("budget=params1M", "budget.params=50k", "budget.layers=8", "num_classes=10", "search.optimizer=exact")
    ended = zen(*keys, "search.finalists=0", f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert "the start" not in ended.out
    assert json.loads((tmp_path / "result.json").read_text())["params"] <= 50_000


def test_a_preset_is_down_sampled_earlier_only_where_the_user_gave_no_start(zen: Zen, tmp_path: Path) -> None:

    text = zl.search("params1M", iterations=20, population_size=5, finalists=0).setup.start
    ended = zen("budget=params1M", "flops=4M", "resolution=64", f"start={text}", *SMALL, f"output_dir={tmp_path / 'run'}")
    assert ended.code == 2
    assert "the smallest that the space 'resnet' reaches from this start has flops 7.50M (the limit is 4.00M)" in ended.err
    assert "raise flops, or lower num_classes or resolution, or give another start" in ended.err


def test_a_million_in_small_letters_is_said(zen: Zen, tmp_path: Path) -> None:
    ended = zen("budget=flops600M", "budget.flops=600m", *SMALL, f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
    assert "budget.flops=600m is read as 600M: 600 million" in ended.out
    assert json.loads((tmp_path / "result.json").read_text())["budgets"]["flops"] == 600_000_000


def test_functions_take_the_same_budgets() -> None:
    small = {"iterations": 300, "population_size": 20, "finalists": 0}
    found = zl.search(zl.Budget(params="200k", flops="20M", layers=14), resolution=64, num_classes=3, **small)
    assert (found.setup.space.name, found.setup.asked_start) == ("resnet", None)
    assert found.counts["params"] <= 200_000
    assert found.counts["flops"] <= 20_000_000
    tiny = zl.search(zl.Budget(params="20k", layers=14), resolution=224, num_classes=10, **small)
    assert tiny.setup.space.name == "mobilenet"
    assert tiny.setup.asked_start is not None
    assert tiny.counts["params"] <= 20_000


@pytest.mark.parametrize("resolution", [32, 64, 100, 128, 224])
def test_the_usual_start_ends_in_a_few_pixels(resolution: int) -> None:
    found = zl.search(zl.Budget(flops="2G", layers=14), resolution=resolution, iterations=20, population_size=5, finalists=0)
    assert 4 <= found.setup.start.summary(resolution)[-2].resolution <= 7
    assert found.setup.space.name == ("resnet" if resolution < 128 else "mobilenet")
