"""Whole numbers as other programs write them."""

import pytest

import zen_lightning as zl
from command_line import Zen
from zen_lightning.config.whole_numbers import with_whole_numbers
from zen_lightning.training.recipe import Recipe


def test_a_sweep_names_its_jobs_by_whole_numbers() -> None:
    assert with_whole_numbers(["-m", "seed=0.0,1e0,2", "search.finalists=1_0.0_0"]) == [
        "-m",
        "seed=0,1,2",
        "search.finalists=10",
    ]


@pytest.mark.parametrize(
    "override",
    [
        *("seed='1.0'", "latency.measure_seconds=2.0", "seed=choice(1.0,2.0)", "seed", "output_dir=1.0"),
        *("seed=1_.0", "seed=1__0.0", "seed=_1.0", "seed=1._0", "seed=1.0_", "seed=\u0661.\u0660", "seed=."),
    ],
)
def test_all_else_stays(override: str) -> None:
    assert with_whole_numbers([override]) == [override]


def test_a_search_runs_with_them(zen: Zen, tmp_path: object) -> None:
    ended = zen(
        "budget=params1M",
        "search.iterations=1e2",
        "search.population_size=8.0",
        "search.finalists=0",
        "seed=1.0",
        f"output_dir={tmp_path}",
    )
    assert ended.code == 0, ended.err
    assert zl.search("params1M", iterations=1e2, population_size=8.0, finalists=0, seed=1.0).score is not None  # type: ignore[arg-type]


def test_a_recipe_keeps_the_whole_number() -> None:
    recipe = Recipe(epochs=10.0, batch_size=64.0)  # type: ignore[arg-type]
    assert isinstance(recipe.epochs, int)
    assert isinstance(recipe.batch_size, int)
