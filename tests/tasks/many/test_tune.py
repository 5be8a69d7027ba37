"""``task=tune`` on the command line."""

import csv
import json
from pathlib import Path

import pytest

from command_line import HydraConfigFor, Zen
from zen_lightning.runs.command_record import requested_overrides
from zen_lightning.tasks.many import tune
from zen_lightning.tasks.many.tune import _pruner
from zen_lightning.tracking import Trackers

SEARCH = ("task=tune", "tune.task=search", "tune.metric=score", "search.finalists=0", "search.iterations=200")
SPACE = "tune.space={search.population_size:{low:8,high:64,log:true},search:[zen,params]}"
TRAIN = ("task=tune", "arch=net.txt", "dataset=digits")


def test_two_searches_and_the_better_one(zen: Zen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, told = tmp_path / "it is", []
    monkeypatch.setattr(Trackers, "metrics", lambda self, *figures: told.append(figures))
    ended = zen(*SEARCH, SPACE, "tune.trials=2", f"output_dir={run}")
    assert ended.code == 0, ended.err
    with (run / "trials.csv").open() as file:
        rows = list(csv.DictReader(file))
    scores = [json.loads((run / row["folder"] / "result.json").read_text())["score"] for row in rows]
    assert [float(row["score"]) for row in rows] == scores
    assert told == [
        ({"tune/value": score, "tune/best": max(scores[: number + 1])}, number, "tune/trial")
        for number, score in enumerate(scores)
    ]
    best = json.loads((run / "result.json").read_text())
    assert (best["value"], best["pruner"]) == (max(scores), "none")
    assert "python run.py task=search search.finalists=0 search.iterations=200 search.population_size=" in ended.out
    assert {path.name for path in run.iterdir()} >= {"best.yaml", "tuning.png", "parameters.png", "journal", "command.json"}
    ended = zen(*SEARCH, SPACE, f"output_dir={run}")
    assert (ended.code, f"already holds a tuning: continue it with \"resume='{run}'\"" in ended.err) == (2, True)
    ended = zen(f"resume={run}")
    assert (ended.code, "trial 0, of" in ended.out) == (0, False), ended.err
    ended = zen(f"resume={run}", "search.iterations=300")
    assert (ended.code, "search.iterations was 200, now 300" in ended.err) == (2, True)


def test_one_that_was_killed_before_its_study_can_be_continued(
    zen: Zen,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tune, "owned_study", killed)
    assert zen(*SEARCH, SPACE, f"output_dir={tmp_path}").code == 130
    assert requested_overrides(tmp_path) == sorted([*SEARCH, SPACE])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected what to try for each key"),
        (["tune.space={recipe.lrr:[1,2]}"], "tune.space: unknown key recipe.lrr; did you mean 'lr'?"),
        (["tune.space={search:[zen,naswit]}"], "search=naswit: there is no such search; did you mean 'naswot'?"),
        (["tune.space={recipe.lr:{low:-1.0,high:1}}"], "tune.space, recipe.lr=-1.0: recipe.lr=-1.0"),
        (["tune.space={recipe.lr:[1,2]}", "recipe.lr=1"], "recipe.lr is in tune.space and on the command line"),
        (["tune.space={recipe.lr:[1,2]}", "tune.task=trian"], "tune.task=trian: did you mean 'train'?"),
        (
            ["tune.space={recipe.lr:[1,2]}", "tune.task=tune"],
            "tune.task=tune: expected a task whose result has metrics",
        ),
        (["tune.space={recipe.lr:[1,2]}", "tune.direction=max"], "tune.direction=max: choose from: maximize, minimize"),
        (["tune.space={recipe.lr:[1,2]}", "tune.sampler=grid"], "tune.sampler=grid: choose from: tpe, random"),
        (["tune.space={recipe.lr:[1,2]}", "tune.pruner=medain"], "tune.pruner=medain: did you mean 'median'?"),
        (["tune.space={recipe.lr:[1,2]}", "tune.pruner=median", "tune.metric=params"], "can be stopped early where it trains"),
        (["tune.space={recipe.lr:[1,2]}", "tune.trials=0"], "tune.trials=0: expected 1 or more"),
        (["tune.space={recipe.lr:[1,2]}", "tune.metric=''"], "tune.metric=: expected a metric of the result"),
        (["tune.space={recipe.lr:[1,2]}", "tune.metric=val_top"], "tune.metric=val_top: no metric of task=train; did you mean"),
        (["tune.space={recipe.lr:[1,2]}", "tune.overrides=3"], "expected a list of overrides"),
        (["tune.space={recipe.lr:[1,2]}", "launcher=joblib", "launcher.jobs=0"], "launcher.jobs=0: expected 1 or more"),
        (["tune.space={recipe.lr:[1,2]}", "launcher=slurm"], "launcher.at_once=null: expected how many trials run at a time"),
    ],
)
def test_what_cannot_be_used_ends_before_the_first_trial(
    zen: Zen,
    tmp_path: Path,
    arguments: list[str],
    message: str,
) -> None:
    if "launcher=slurm" in arguments:
        pytest.importorskip("submitit")
    ended = zen(*TRAIN, *arguments, f"output_dir={tmp_path / 'run'}")
    assert (ended.code, message in ended.err) == (2, True), ended.err
    assert not (tmp_path / "run" / "journal").exists()


def test_the_metric_of_a_training_is_none_of_a_search(zen: Zen) -> None:
    ended = zen("task=tune", "tune.task=search", "budget=params1M", "tune.space={search.population_size:[8,16]}")
    assert (ended.code, "tune.metric=val_top1: no metric of task=search; choose from: score," in ended.err) == (2, True)


@pytest.mark.parametrize(
    ("overrides", "pruner"),
    [
        ((), "median"),
        (("tune.metric=params",), "none"),
        (("tune.task=search",), "none"),
        (("tune.pruner=hyperband",), "hyperband"),
    ],
)
def test_trials_are_pruned_where_they_report(overrides: tuple[str, ...], pruner: str) -> None:
    with HydraConfigFor("task=tune", *overrides) as config:
        assert _pruner(config) == pruner
