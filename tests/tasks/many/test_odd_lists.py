"""Odd values within the lists and mappings of tasks that run others are refused before anything is run."""

from pathlib import Path

import pytest

from command_line import Zen

TRAIN = ("task=tune", "arch=zennet_cifar10_model_size05M_res32", "dataset=digits")
SEARCH = ("task=tune", "tune.task=search", "search=zen", "budget=params1M", "tune.metric=score")
STAGES = "expected a list of different names, each with a list of overrides; got"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("task=pipeline", "stages=[{name:a,overrides:5}]"), f"{STAGES} {{name: a, overrides: 5}}"),
        (("task=pipeline", "stages=[{name:a,overrides:null}]"), f"{STAGES} {{name: a, overrides: null}}"),
        (("task=pipeline", "stages=[null]"), f"{STAGES} null"),
        (("task=pipeline", "stages=[{name:a,overrides:{b:1}}]"), f"{STAGES} {{name: a, overrides: {{b: 1}}}}"),
        ((*TRAIN, "tune.space={trainer.early_stopping:[-1,2]}"), "tune.space, trainer.early_stopping=-1: "),
        ((*TRAIN, "tune.space={limit:[0,64]}"), "tune.space, limit=0: limit=0: expected 1 or more"),
        ((*SEARCH, "tune.space={search.population_size:[0,8]}"), "search.population_size=0: expected 1 or more"),
        ((*TRAIN, "tune.space={params:[1,2]}"), "budget.params is for other tasks, such as task=search"),
        (("-m", "search=glob(no*)", "budget=params1M"), "search=glob(no*)"),
    ],
)
def test_they_are_told(words: tuple[str, ...], said: str, zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = zen(*words, "task=validate")
    assert ended.code == 1, ended.err
    told = " ".join((ended.out + ended.err).replace("->", "").split())
    assert said in told or said.replace(": expected", " expected") in told


def test_a_pattern_of_choices_is_each_of_them(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = zen("-m", "search=glob(zen*)", "budget=params1M", "task=validate")
    assert ended.code == 0, ended.out + ended.err
    assert "search=zen_monte_carlo" in ended.out
