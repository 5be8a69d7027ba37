"""What trainings, and all that takes trained networks, would refuse."""

import tempfile
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning import zoo
from zen_lightning.config import make
from zen_lightning.data import DataSource
from zen_lightning.errors import keyed
from zen_lightning.nets import build_network
from zen_lightning.nets.weights import check_safetensors
from zen_lightning.tasks.many.validation.search_checks import tell_architecture
from zen_lightning.tasks.many.validation.trial import Trial
from zen_lightning.tasks.networks import export
from zen_lightning.tasks.networks.architecture_source import read_setting
from zen_lightning.tasks.training import evaluate
from zen_lightning.tasks.training.fit import refuse_started
from zen_lightning.tasks.training.loggers import make_loggers
from zen_lightning.tasks.training.setup import (
    KEYS,
    check_asked,
    check_classes,
    check_sweep,
    image_size_of,
    make_source,
    read_machine,
    read_recipe,
)
from zen_lightning.tasks.training.teacher import read_teacher, teacher_node
from zen_lightning.tasks.training.trained_network import Trained, read_trained
from zen_lightning.training.distillation import Distillation
from zen_lightning.training.distiller import Distiller
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.teachers import Teacher
from zen_lightning.training.trainer import make_trainer


def check_train(trial: Trial) -> None:
    """Note what ``task=train`` would refuse."""
    _check_training(trial)


def check_distill(trial: Trial) -> None:
    """Note what ``task=distill`` would refuse."""
    architecture, recipe, source, size = _check_training(trial)
    how = trial.ask("distillation", _distillation)
    teacher = trial.ask("teacher", _teacher)
    if teacher is None:
        return
    node = trial.config.teacher
    fetched = "; its weights are downloaded where they are not yet" if _fetches(node) else ""
    trial.tell("teacher", f"{node.name}, {teacher.num_classes} classes, {teacher.image_size} px{fetched}")
    if architecture is None or recipe is None or source is None or size is None or how is None:
        return
    use_se = read_setting(trial.config, trial.promised.get(trial.config.arch, trial.config.arch)).use_se
    network = build_network(architecture, source.num_classes, use_se, initialise=False)
    with trial.problems.noted("distillation"), keyed(KEYS):
        Distiller(network, recipe, 1, teacher, 0, size, how)


def check_evaluate(trial: Trial) -> None:
    """Note what ``task=evaluate`` would refuse."""
    trial.ask("arch", evaluate.check_asked)
    _check_machine(trial, None)
    trained, source = _trained(trial), _check_source(trial)
    if trained is not None and source is not None:
        trial.ask("dataset", lambda config: evaluate.check_same_classes(config, trained, source))


def check_export(trial: Trial) -> None:
    """Note what ``task=export`` would refuse."""
    trial.ask("arch", export.check_asked)
    exporters = trial.ask("format", lambda config: export.exporters_of(config.format))
    if exporters:
        trial.tell("formats", ", ".join(exporter.name for exporter in exporters))
    if isinstance(trial.config.arch, str):
        trial.ask("output_dir", lambda config: export.check_folder(config.arch, trial.folder))
    if trial.config.random_weights:
        tell_architecture(trial)
    else:
        _trained(trial)


def _check_training(trial: Trial) -> tuple[Any, Recipe | None, DataSource | None, int | None]:
    trial.ask("arch", check_asked)
    trial.ask("output_dir", lambda config: refuse_started(config, trial.folder))
    trial.ask("weights", lambda config: check_safetensors())
    read = trial.ask("recipe", read_recipe)
    recipe = read[0] if read else None
    _check_machine(trial, recipe)
    source = _check_source(trial)
    size = trial.ask("resolution", lambda config: image_size_of(config, source)) if source is not None else None
    if trial.config.weights is not None and isinstance(trial.config.arch, str):
        trial.ask("weights", lambda config: read_trained(config, config.arch))
    with tempfile.TemporaryDirectory() as nowhere:  # Some loggers make files at once.
        trial.ask("logger", lambda config: make_loggers(config, Path(nowhere)))
    architecture = tell_architecture(trial, source.num_classes if source is not None else None, size)
    if recipe is not None:
        trial.tell("recipe", f"{recipe.epochs:,} epochs, {recipe.batch_size} images a step and process")
    return architecture, recipe, source, size


def _check_machine(trial: Trial, recipe: Recipe | None) -> None:
    machine = trial.ask("trainer", read_machine)
    trainer = trial.ask("trainer", lambda config: _trainer(config, recipe, trial.folder)) if machine else None
    if trainer is not None:
        trial.ask("trainer", lambda config: check_sweep(trainer))
        device = trainer.strategy.root_device.type
        trial.tell("device", f"{device}, {trainer.world_size} process{'es' * (trainer.world_size > 1)}, {trainer.precision}")


def _trainer(config: DictConfig, recipe: Recipe | None, folder: Path) -> Any:
    with keyed(KEYS):
        return make_trainer(read_machine(config), recipe, folder)


def _check_source(trial: Trial) -> DataSource | None:
    source = trial.ask("dataset", make_source)
    if source is None:
        return None
    found = len(trial.problems.found)
    with trial.problems.noted("dataset"), keyed("dataset"):
        source.check()
    if len(trial.problems.found) > found:
        return None
    trial.ask("num_classes", lambda config: check_classes(config, source))
    root = trial.config.dataset.get("root")
    trial.tell("dataset", f"{trial.config.dataset.name}, {source.num_classes} classes" + (f", in {root}" if root else ""))
    return source


def _trained(trial: Trial) -> int | None:
    """Return the classes of the trained network, and say where its weights are; no weights are downloaded."""
    source = trial.config.arch
    if not isinstance(source, str):
        return None
    if source.strip() in trial.promised:
        trial.tell("network", "what an earlier stage trains")
        return None
    if source in zoo.names() and trial.config.weights is None and not zoo.checkpoint_path(source).is_file():
        known = zoo.entry(source)
        trial.tell("weights", f"to be downloaded from {zoo.checkpoint_url(source)}")
        return known.num_classes
    trained: Trained | None = trial.ask("arch", lambda config: read_trained(config, config.arch))
    if trained is None:
        return None
    trial.tell("weights", trained.origin)
    return trained.setting.num_classes


def _distillation(config: DictConfig) -> Distillation:
    node = OmegaConf.to_container(config.distillation, resolve=True)
    assert isinstance(node, dict)
    return make(Distillation, {str(key): value for key, value in node.items()}, "distillation")


def _fetches(node: DictConfig) -> bool:
    """Whether a teacher takes weights that its library knows."""
    return bool(node.get("pretrained")) and node.get("checkpoint") is None


def _teacher(config: DictConfig) -> Teacher | None:
    """Return the teacher, without weights that would be downloaded."""
    node = teacher_node(config)
    if config.teacher.get("name") == "zoo" and not zoo.checkpoint_path(str(node.arch)).is_file():
        return None
    if _fetches(node):
        config = config.copy()
        config.teacher.pretrained = False
    return read_teacher(config)
