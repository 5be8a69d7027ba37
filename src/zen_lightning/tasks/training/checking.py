"""What trainings, and all that takes trained networks, would refuse."""

import tempfile
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from zen_lightning import zoo
from zen_lightning.data import DataSource
from zen_lightning.errors import keyed
from zen_lightning.nets import build_network
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.networks.checking import tell_architecture
from zen_lightning.tasks.training.fit import refuse_started
from zen_lightning.tasks.training.images import check_classes, image_size_of, make_source
from zen_lightning.tasks.training.loggers import make_loggers
from zen_lightning.tasks.training.machine import check_sweep, read_machine
from zen_lightning.tasks.training.setup import KEYS, check_asked, check_class_weights, check_recipe, read_recipe
from zen_lightning.tasks.training.teacher import read_teacher, teacher_node
from zen_lightning.tasks.training.trained_network import Trained, read_trained
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.teachers import Teacher
from zen_lightning.training.trainer import make_trainer


def check_training(checks: Checks) -> tuple[Any, Recipe | None, DataSource | None, int | None]:
    """Note what every training would refuse; return architecture, recipe, dataset and image size, None where wrong."""
    checks.ask("arch", check_asked)
    checks.ask("output_dir", lambda config: refuse_started(config, checks.folder))
    read = checks.ask("recipe", read_recipe)
    recipe = read[0] if read else None
    check_machine(checks, recipe)
    source = check_source(checks)
    if recipe is not None and source is not None:
        checks.ask("recipe.class_weights", lambda config: check_class_weights(read_recipe(config)[0], source))
    size = (
        checks.ask("resolution", lambda config: image_size_of(config, checks.command, source)) if source is not None else None
    )
    if checks.config.weights is not None and isinstance(checks.config.arch, str):
        checks.ask("weights", lambda config: read_trained(config, checks.command, config.arch))
    with tempfile.TemporaryDirectory() as nowhere:  # Some loggers make files at once.
        checks.ask("logger", lambda config: make_loggers(config, Path(nowhere)))
    architecture = tell_architecture(checks, source.num_classes if source is not None else None, size)
    if recipe is not None and architecture is not None:
        network = build_network(architecture, 2, initialise=False)
        checks.ask("recipe", lambda config: check_recipe(network, recipe))
    if recipe is not None:
        checks.tell(
            "recipe", f"{recipe.epochs:,} epoch{'s' * (recipe.epochs != 1)}, {recipe.batch_size} images a step and process"
        )
    return architecture, recipe, source, size


def check_machine(checks: Checks, recipe: Recipe | None) -> None:
    """Note what is wrong with what networks run on."""
    machine = checks.ask("trainer", lambda config: read_machine(config, checks.command))
    trainer = checks.ask("trainer", lambda config: _trainer(checks, config, recipe)) if machine else None
    if trainer is not None:
        checks.ask("trainer", lambda config: check_sweep(trainer, checks.command))
        device = trainer.strategy.root_device.type
        checks.tell("device", f"{device}, {trainer.world_size} process{'es' * (trainer.world_size > 1)}, {trainer.precision}")


def _trainer(checks: Checks, config: DictConfig, recipe: Recipe | None) -> Any:
    with keyed(KEYS):
        return make_trainer(read_machine(config, checks.command), recipe, checks.folder)


def check_source(checks: Checks) -> DataSource | None:
    """Note what is wrong with the dataset; return it."""
    source = checks.ask("dataset", make_source)
    if source is None:
        return None
    found = len(checks.problems.found)
    with checks.problems.noted("dataset"), keyed("dataset"):
        source.check()
        _ = source.num_classes  # Some are known only after a download.
    if len(checks.problems.found) > found:
        return None
    checks.ask("num_classes", lambda config: check_classes(config, checks.command, source))
    root = checks.config.dataset.get("root")
    checks.tell("dataset", f"{checks.config.dataset.name}, {source.num_classes} classes" + (f", in {root}" if root else ""))
    return source


def tell_trained(checks: Checks) -> Trained | int | None:
    """Return the trained network, and say where its weights are; of one that would be downloaded, how many classes it has."""
    source = checks.config.arch
    if not isinstance(source, str):
        return None
    if source.strip() in checks.promised:
        checks.tell("network", "what an earlier stage trains")
        return None
    if source in zoo.names() and checks.config.weights is None and not zoo.checkpoint_path(source).is_file():
        known = zoo.entry(source)
        checks.tell("weights", f"to be downloaded from {zoo.checkpoint_url(source)}")
        return known.num_classes
    trained: Trained | None = checks.ask("arch", lambda config: read_trained(config, checks.command, config.arch))
    if trained is None:
        return None
    checks.tell("weights", trained.origin)
    return trained


def fetches(node: DictConfig) -> bool:
    """Whether a teacher takes weights that its library knows."""
    return bool(node.get("pretrained")) and node.get("checkpoint") is None


def teacher_without_weights(config: DictConfig) -> Teacher | None:
    """Return the teacher, without weights that would be downloaded."""
    node = teacher_node(config)
    if config.teacher.get("name") == "zoo" and not zoo.checkpoint_path(str(node.arch)).is_file():
        return None
    if fetches(node):
        config = config.copy()
        config.teacher.pretrained = False
    return read_teacher(config)
