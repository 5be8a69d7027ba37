"""A key that a task does not read is refused: every task, every key of every other."""

from copy import deepcopy
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import pytest
import yaml
from omegaconf import DictConfig, OmegaConf

from zen_lightning.config import conf_dir, register
from zen_lightning.config.composing import composed as composing
from zen_lightning.config.keys import EVERYWHERE, foreign_keys, read_keys
from zen_lightning.config.moved import with_moved_keys
from zen_lightning.config.schema import GROUPS, PLAIN
from zen_lightning.errors import UserError
from zen_lightning.tasks.running import task_class


@cache
def composed(*overrides: str) -> DictConfig:
    register()
    with composing(overrides) as config:
        OmegaConf.resolve(config)
        return config


TASKS = sorted(path.stem for path in (conf_dir() / "task").glob("*.yaml"))
VALUES = {"arch": "x", "resolution": 32, "num_classes": 10, "limit": 5, "start": "x"}


def keys_of(name: str) -> set[str]:
    content = yaml.safe_load((conf_dir() / "task" / f"{name}.yaml").read_text())
    return set(content) - {"defaults", "output_dir", *GROUPS}


ALL = sorted({*PLAIN, *(key for name in TASKS for key in keys_of(name))} - set(EVERYWHERE))
PASSING = ("pipeline", "tune")
IN_GROUPS = (
    "recipe.lr",
    "recipe.epochs",
    "trainer.devices",
    "teacher.name",
    "search.iterations",
    "search_space",
    "proxy.gamma",
    "shape.widths",
    "depth.epochs",
    "budget.flops",
    "latency.calibrate",
    "dataset.root",
)


@pytest.mark.parametrize("name", TASKS)
def test_a_task_takes_its_own_keys_and_no_others(name: str) -> None:
    config = composed(f"task={name}")
    task = task_class(config)
    own = {field.name for field in fields(task.Keys)}
    assert own <= {*keys_of(name), *PLAIN}, "a key of the class that neither its YAML nor the schema has"
    assert keys_of(name) <= own, "a key of its YAML that the class does not read"
    for key in ALL:
        refused = list(foreign_keys(task, config, [f"{key}={VALUES.get(key, 1)}"]))
        assert bool(refused) == (key not in own), key
        if name not in PASSING:  # Keys of other tasks are composed where they may be for a stage or a trial.
            assert (key in config) == (key in {*own, *PLAIN}), key
    for key in IN_GROUPS:
        root = key.partition(".")[0]
        reads = any(key == group or root == group for group in task.groups)
        assert bool(list(foreign_keys(task, config, [f"{key}=1"]))) == (not reads), key
    assert {group.partition(".")[0] for group in task.groups} <= set(GROUPS)


@pytest.mark.parametrize("name", TASKS)
def test_the_class_and_the_yaml_have_the_same_values(name: str) -> None:
    config = composed(f"task={name}")
    task = task_class(config)
    found, plain = read_keys(task.Keys, config), task.Keys()
    for field in fields(task.Keys):
        if field.name in keys_of(name) and not isinstance(getattr(plain, field.name), dict) and getattr(plain, field.name):
            assert getattr(found, field.name) == getattr(plain, field.name), field.name


@pytest.mark.parametrize(
    ("task", "override", "sentence"),
    [
        ("train", "batch_size=8", "unknown key batch_size; did you mean 'recipe.batch_size'?"),
        ("train", "compile=true", "unknown key compile; did you mean 'trainer.compile'?"),
        ("train", "device=cuda", "task=train does not read device; did you mean 'trainer.accelerator'?"),
        ("train", "accumulate_grad_batches=2", "unknown key accumulate_grad_batches; did you mean 'recipe.accumulate'?"),
        ("search", "arch=net.txt", "unknown key arch; did you mean 'start'?"),
        ("pareto", "epochs=3", "unknown key epochs; recipe.epochs is for other tasks, such as task=train"),
        ("search", "epochs=3", "unknown key epochs; did you mean 'depth.epochs'?"),
        ("search", "iterations=3", "unknown key iterations; did you mean 'search.iterations'?"),
        ("search", "recipe.lr=9", "task=search does not read recipe.lr; did you mean 'depth.lr'?"),
        ("pareto", "recipe.lr=9", "task=pareto does not read recipe.lr. The keys and groups of task=pareto are: task, "),
        ("search", "trainer=ddp", "task=search does not read trainer. The keys and groups of task=search are: task, "),
    ],
)
def test_the_key_that_is_meant_is_named(task: str, override: str, sentence: str) -> None:
    config = composed(f"task={task}")
    (error,) = foreign_keys(task_class(config), config, [override])
    assert str(error).startswith(sentence)


def test_what_an_experiment_carries_for_its_stages_is_no_mistake_and_a_slip_is() -> None:
    config = deepcopy(composed("task=search"))
    OmegaConf.set_struct(config, False)
    config.recipe.lr = 3.0
    config.limit = 4
    assert list(foreign_keys(task_class(config), config, [])) == []
    config.limmit = 4
    (error,) = foreign_keys(task_class(config), config, [])
    assert error.key == "limmit"


@dataclass
class Typed:
    count: int = 0
    inner: Any = None


def test_values_of_another_type_are_refused_by_their_key() -> None:
    assert read_keys(Typed, OmegaConf.create({"count": "3", "other": 1, "inner": {"size": 2}})) == Typed(3, {"size": 2})
    with pytest.raises(UserError, match="count: Value 'abc'") as caught:
        read_keys(Typed, OmegaConf.create({"count": "abc"}))
    assert caught.value.key == "count"


def test_a_key_that_has_moved_is_taken_and_answered_with_the_new_one() -> None:
    assert with_moved_keys(["task=latency", "batch_size=[1,8]", "arch=x"]) == (
        ["task=latency", "latency.batch_size=[1,8]", "arch=x"],
        ["batch_size= is latency.batch_size= now"],
    )
    assert with_moved_keys(["task=train", "batch_size=8"]) == (["task=train", "batch_size=8"], [])
