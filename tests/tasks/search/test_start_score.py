"""A score that the networks of a space do not have is refused before a search begins."""

from pathlib import Path

import pytest

from command_line import Zen

FEW = ("search.iterations=20", "search.population_size=8", "search.finalists=0")


@pytest.mark.parametrize("more", [(), ("task=validate",)])
@pytest.mark.parametrize("task", ["search", "pareto"])
def test_cells_have_no_closed_form(
    task: str, more: tuple[str, ...], zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = zen(f"task={task}", "search=zen", "budget=params1M", "search_space=nas_bench_201", *FEW, *more)
    assert ended.code != 0
    assert "search_space=nas_bench_201: the closed form scores rows of super-blocks" in ended.out + ended.err
    assert "zen_monte_carlo" in ended.out + ended.err


def test_cells_have_counts(zen: Zen, tmp_path: Path) -> None:
    space = ("search_space=nas_bench_201", "budget=params1M", "budget.layers=null")
    ended = zen("search=params", *space, *FEW, f"output_dir={tmp_path}")
    assert ended.code == 0, ended.err
