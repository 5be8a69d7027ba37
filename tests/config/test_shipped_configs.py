"""Every YAML under conf/ is composed, and what it describes is made; a new one is found by itself."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from zen_lightning import zoo
from zen_lightning.config import build, conf_dir, register
from zen_lightning.config.composing import composed
from zen_lightning.config.keys import foreign_keys, read_keys
from zen_lightning.config.kinds import kind_of
from zen_lightning.config.nodes import check_nodes, object_nodes
from zen_lightning.config.problems import Problems
from zen_lightning.errors import MissingExtraError
from zen_lightning.runs.command import Command
from zen_lightning.tasks.running import task_class
from zen_lightning.tasks.search.setup import search_setup
from zen_lightning.tasks.training.loggers import make_loggers
from zen_lightning.tasks.training.machine import read_machine
from zen_lightning.tasks.training.setup import read_recipe
from zen_lightning.tasks.training.teacher import teacher_node

SHIPPED = sorted(
    str(path.relative_to(conf_dir()).with_suffix(""))
    for path in conf_dir().rglob("*.yaml")
    if path.relative_to(conf_dir()).parts[0] != "local"
)
# What a choice needs to be complete; {tmp} is an empty folder.
NEEDS = {
    "dataset/image_folder": ["dataset.root={tmp}", "dataset.mean=[0,0,0]", "dataset.std=[1,1,1]"],
    "dataset/webdataset": ["dataset.root={tmp}"],
    "teacher/timm": ["teacher.model=resnet18"],
    "teacher/zoo": ["teacher.arch=zennet_cifar10_model_size1M_res32"],
    "teacher/checkpoint": ["teacher.arch={tmp}"],
}
_READ_BY_TASKS = ("task", "recipe", "teacher", "logger")


def overrides(name: str, tmp_path: Path) -> list[str]:
    group, _, choice = name.rpartition("/")
    choose = [f"{group}={choice}"] if group else []
    return [*choose, *(need.format(tmp=tmp_path) for need in NEEDS.get(name, []))]


ONE_OF_EACH = (
    "quick",
    "zen_cifar_params1M",
    "naswot",
    "zen_imagenet_flops400M",
    "zen_imagenet_latency05ms",
    "zoo_cifar10_model_size05M",
)


def in_time() -> Iterator[Any]:
    """Give the files; experiments that differ from another in the name of a network, a budget or a proxy alone are long."""
    for name in SHIPPED:
        alike = name.startswith("experiment/") and not name.partition("/")[2].startswith(ONE_OF_EACH)
        yield pytest.param(name, marks=pytest.mark.long if alike else ())


@pytest.mark.parametrize("name", in_time())
def test_everything_shipped_composes_and_is_made(name: str, tmp_path: Path) -> None:
    register()
    with composed(overrides(name, tmp_path)) as config:
        problems = Problems()
        check_nodes(config, problems, [str(key) for key in config if key != "task"])
        assert problems.found == []
        task = task_class(config)
        assert task.name == config.task.name
        assert list(foreign_keys(task, config, [])) == []
        assert read_keys(task.Keys, config)
        for key, node in object_nodes(config):
            if key.partition(".")[0] not in _READ_BY_TASKS and not OmegaConf.missing_keys(node):
                build(node, key, kind_of(key))
        read_recipe(config)
        read_machine(config, Command())
        if name.startswith("logger/"):
            with contextlib.suppress(MissingExtraError):  # Which says what to install.
                make_loggers(config, tmp_path)
        if name.startswith("teacher/") and name != "teacher/none":
            assert teacher_node(config)
        if name.startswith(("budget/", "search/", "experiment/", "debug/")):
            search_setup(config, Command())


def test_every_published_network_has_an_experiment() -> None:
    for known in map(zoo.entry, zoo.names()):
        path = conf_dir() / "experiment" / (known.name.replace("zennet_", "zoo_").rpartition("_res")[0] + ".yaml")
        content = OmegaConf.load(path)
        images = {10: "cifar10", 100: "cifar100", 1000: "imagenet"}[known.num_classes]
        assert content.arch == known.name
        assert content.defaults == [{"override /task": "evaluate"}, {"override /dataset": images}]
        assert f"published top-1 {known.published['top1']}%" in path.read_text()


def test_every_experiment_is_documented() -> None:
    text = (conf_dir().parent / "docs" / "configuration.md").read_text()
    for name in SHIPPED:
        if name.startswith(("experiment/", "debug/")):
            assert f"`{name.partition('/')[2]}`" in text, name


def test_a_local_file_gives_this_machine_its_folders(tmp_path: Path) -> None:
    register()
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "default.yaml").write_text("# @package _global_\nroots: {imagenet: /data/in}\nseed: 7\n")
    with composed(["dataset=imagenet"], [tmp_path]) as config:
        assert (config.dataset.root, config.seed) == ("/data/in", 7)
    with composed(["dataset=imagenet", "dataset.root=/other", "seed=1"], [tmp_path]) as config:
        assert (config.dataset.root, config.seed) == ("/other", 1)
    with composed(["dataset=cifar10"], [tmp_path]) as config:
        assert config.dataset.root == "~/data/pytorch_cifar10"


def test_two_runs_that_begin_in_one_second_have_folders_of_their_own() -> None:
    register()
    folders = set()
    for _ in range(3):
        with composed([]) as config:
            folders.add(config.output_dir)
    assert len(folders) == 3
    assert all(len(folder.rpartition("-")[2]) == 8 for folder in folders)
