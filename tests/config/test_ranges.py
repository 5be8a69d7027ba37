"""Types and ranges of keys, for every task."""

from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from command_line import Zen
from zen_lightning.config import conf_dir, register
from zen_lightning.config.composing import composed
from zen_lightning.config.declared import declared_types
from zen_lightning.config.ranges import range_problems
from zen_lightning.system.annotations import range_of
from zen_lightning.system.yaml_files import read_yaml
from zen_lightning.tasks.running import task_class

ODD = [
    ("seed=-1", "seed=-1"),
    ("seed=99999999999", "seed=99999999999"),
    ("search.threads=99999", "search.threads=99999"),
    ("resolution=100000000", "resolution=100000000"),
    ("num_classes=99999999", "num_classes=99999999"),
    ("imports=1e20", "imports=1e+20"),
]
TRAINING = [
    "limit=0",
    "limit=-1",
    "use_se=-1",
    "trainer.loader_prefetch=0",
    "trainer.checkpoint_minutes=nan",
    "trainer.devices=nan",
    "recipe.betas=[nan,0.9]",
    "seed=18446744073709551616",
]
TASKS = sorted(path.stem for path in (conf_dir() / "task").glob("*.yaml"))
CHOSEN = ("dataset", "recipe", "trainer", "teacher", "proxy", "launcher", "logger", "search", "search_space")


def without_range(*words: str) -> list[str]:
    """Return the keys of a command that have no type with a range."""
    with composed(words) as config:
        declared = declared_types(config, [task_class(config)])
        return [key for key, hint in declared if range_of(hint) is None]


@pytest.mark.parametrize("task", TASKS)
def test_every_key_of_every_task_has_a_range(task: str) -> None:
    register()
    assert without_range(f"task={task}") == []


@pytest.mark.parametrize("group", CHOSEN)
def test_every_key_of_every_choice_has_a_range(group: str) -> None:
    register()
    task = {"proxy": "search", "search": "search", "search_space": "search", "teacher": "distill"}.get(group, "train")
    targets: dict[Any, str] = {}
    for path in sorted((conf_dir() / group).glob("*.yaml")):
        targets.setdefault((read_yaml(path) or {}).get("_target_"), path.stem)  # One choice for each class.
    assert targets
    for choice in targets.values():
        assert without_range(f"task={task}", f"{group}={choice}") == [], choice


def test_every_key_at_the_root_is_known() -> None:
    """What a task's YAML has, its class declares: else the walks above would pass it by."""
    for path in (conf_dir() / "task").glob("*.yaml"):
        with composed([f"task={path.stem}"]) as config:
            walked = {key.partition(".")[0] for key, _ in declared_types(config, [task_class(config)])}
            own = set(read_yaml(path)) - {"defaults", "task"}
            empty = {name for name in own if OmegaConf.is_dict(config[name]) and not config[name]}
            assert own - walked - empty == set(), path


@pytest.mark.parametrize(("override", "said"), ODD)
def test_a_search_says_the_key(zen: Zen, override: str, said: str) -> None:
    ended = zen("search=zen", "budget=params1M", "search.iterations=5", override, "task=validate")
    assert (ended.code, said in ended.out) == (1, True), ended


@pytest.mark.parametrize("override", TRAINING)
def test_a_training_says_the_key(zen: Zen, override: str) -> None:
    command = ("task=train", "arch=zennet_cifar10_model_size05M_res32", "dataset=digits", override)
    ended = zen(*command, "task=validate")
    assert (ended.code, override.partition("=")[0] in ended.out) == (1, True), ended


def test_a_run_is_refused_too(zen: Zen) -> None:
    ended = zen("search=zen", "budget=params1M", "seed=-1")
    assert (ended.code, "seed=-1: expected 0 or more" in ended.err) == (2, True)


def test_a_long_value_is_shortened(zen: Zen) -> None:
    ended = zen("search=zen", "budget=params1M", f"search.iterations={'x' * 100_000}", "task=validate")
    assert (ended.code, "search.iterations" in ended.out, len(ended.out) < 2000) == (1, True, True)


def test_what_refers_to_another_key_is_said_once(zen: Zen) -> None:
    ended = zen("search=zen", "budget=params1M", "resolution=-1", "task=validate")
    assert "1 problem" in ended.out


def test_what_refers_to_a_value_of_another_type(zen: Zen) -> None:
    ended = zen("task=train", "dataset=digits", "trainer.benchmark='${seed}'", "task=validate", "arch=x")
    assert "trainer.benchmark=0" in ended.out
    assert "expected true or false, or null" in ended.out


def test_what_is_no_list_or_mapping() -> None:
    register()
    with composed(["task=pareto", "objectives=5.0", "latency.measure_seconds=inf"]) as config:
        found = [problem.key for problem in range_problems(config, [task_class(config)])]
    assert found == ["latency.measure_seconds", "objectives"]


def test_a_whole_number_is_text_where_text_is_meant() -> None:
    """A folder may be called 0, as that of the first job of a sweep."""
    register()
    folder = ("task=train", "dataset=image_folder", "dataset.root=2024", "arch=3")
    for command in (("task=report", "run=0"), ("task=score", "arch=[0,zen]"), folder):
        with composed(command) as config:
            assert list(range_problems(config, [task_class(config)])) == [], command
            if command is folder:
                assert (config.dataset.root, config.arch) == ("2024", "3")


def test_what_is_no_text() -> None:
    register()
    with composed(["task=report", "run={a: 1}"]) as config:
        (problem,) = range_problems(config, [task_class(config)])
    assert str(problem).endswith("expected text or a list, each item text, or null")


def test_what_are_no_gpus() -> None:
    register()
    with composed(["launcher=joblib", "launcher.gpus=0"]) as config:
        said = [str(problem) for problem in range_problems(config, [task_class(config)])]
    assert said == ["launcher.gpus=0: expected a list, such as '[0,1]', or null"]
    with composed(["launcher=joblib", "launcher.gpus=[0,MIG-1]"]) as config:
        assert list(range_problems(config, [task_class(config)])) == []


@pytest.mark.parametrize("more", [(), ("task=validate",)])
def test_stages_that_are_no_list(zen: Zen, more: tuple[str, ...]) -> None:
    ended = zen("task=pipeline", "stages=5", *more)
    assert ended.code in (1, 2)
    assert "expected a list of stages" in ended.err + ended.out


def test_a_user_who_is_not_there(zen: Zen, tmp_path: Path) -> None:
    for more, code in ((), 2), (("task=validate",), 1):
        ended = zen("task=analyze", "arch='~nosuchuser/net.txt'", *more)
        assert ended.code == code
        assert "there is no user nosuchuser" in ended.err + ended.out


@pytest.mark.parametrize(
    "override", ["seed=1.0", "search.iterations=1e4", "search.restarts=2.0", "budget.layers=18.0", "num_classes=10.0"]
)
def test_whole_numbers_with_a_point_or_an_exponent(zen: Zen, override: str) -> None:
    assert zen("budget=params1M", override, "task=validate").code == 0


@pytest.mark.parametrize("override", ["seed=1.5", "search.iterations=1e-3", "search.iterations=1e20", "search.restarts=1e999"])
def test_numbers_that_are_not_whole_are_refused(zen: Zen, override: str) -> None:
    ended = zen("budget=params1M", override, "task=validate")
    assert ended.code == 1
    assert override.partition("=")[0] in ended.out
    assert "whole number" in ended.out


def test_a_loss_is_never_below_zero(zen: Zen) -> None:
    ended = zen("task=train", "arch=zennet_cifar10_model_size05M_res32", "debug.loss_below=-1", "task=validate")
    assert (ended.code, "above 0" in ended.out) == (1, True), ended
