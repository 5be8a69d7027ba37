"""``task=evaluate``: the accuracy of a trained network."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import torch
from omegaconf import DictConfig

from zen_lightning import zoo
from zen_lightning.data import Augmentation, DataSource, ImageData
from zen_lightning.errors import UserError, keyed
from zen_lightning.report.terminal.table import Table
from zen_lightning.runs.command import Command
from zen_lightning.runs.provenance import git_commit, versions
from zen_lightning.system.files import write_json
from zen_lightning.system.numbers import short_time
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.debugging import trainer_options
from zen_lightning.tasks.training.checking import check_machine, check_source, tell_trained
from zen_lightning.tasks.training.ends import evaluation_ended
from zen_lightning.tasks.training.fit import on_main_process
from zen_lightning.tasks.training.setup import KEYS, check_sweep, read_machine, read_source
from zen_lightning.tasks.training.trained_network import Trained, read_trained
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.trainer import Machine, make_trainer


def run(config: DictConfig, folder: Path, command: Command) -> float:
    """Measure top-1 and top-5 of ``arch=`` on the validation images of ``dataset=``, and write ``result.json``.

    Images are brought to the crop size as the dataset does (ImageNet: resized to ceil(size / 0.875), cropped), then scaled
    bilinearly to the resolution of the network: as the published accuracies were measured.

    Returns:
        top-1 in percent.

    Raises:
        UserError: there is no such network or dataset, or they have different classes.
    """
    check_asked(config)
    with on_main_process():
        machine = read_machine(config, command)
        trained = read_trained(config, command, config.arch)
        source = read_source(config, command)
        check_same_classes(config, trained.setting.num_classes, source)
        return _evaluate(config, folder, command, trained, source, machine)


def check_asked(config: DictConfig) -> None:
    """Raise a UserError where the command names no network, or batches of none."""
    if not isinstance(config.arch, str):
        raise UserError("task=evaluate needs arch=: the folder of a training, a name of the zoo, or a file of weights")
    if config.eval_batch_size < 1:
        raise UserError(f"eval_batch_size={config.eval_batch_size}: expected 1 or more")


def check_same_classes(config: DictConfig, classes: int, source: DataSource) -> None:
    """Raise a UserError unless the network and the dataset have as many classes."""
    if source.num_classes != classes:
        raise UserError(
            f"arch={config.arch} has {classes} classes, and dataset={config.dataset.name} {source.num_classes}: choose the "
            "dataset that it was trained on"
        )


def _evaluate(
    config: DictConfig, folder: Path, command: Command, trained: Trained, source: DataSource, machine: Machine
) -> float:
    size = config.crop_size or trained.crop_size or trained.setting.resolution
    module = ClassifierModule(trained.network, Recipe(bn_momentum=None), train_images=1, input_size=trained.setting.resolution)
    if machine.channels_last:
        module.to(memory_format=torch.channels_last)
    with keyed({**KEYS, "image_size": "crop_size"}):
        data = ImageData(
            source,
            batch_size=config.eval_batch_size,
            augmentation=Augmentation(),
            image_size=size,
            workers=config.trainer.loader_workers,
            prefetch=config.trainer.loader_prefetch,
            channels_last=machine.channels_last,
        )
        trainer = make_trainer(machine, None, folder, **trainer_options(config, folder))
    check_sweep(trainer, command)
    began = time.monotonic()
    with keyed(KEYS), evaluation_ended(trainer):
        metrics = trainer.validate(module, datamodule=data, verbose=False)[0]
    seconds = time.monotonic() - began
    if not trainer.is_global_zero:
        return float(metrics["val_top1"])
    architecture, setting = trained.network.architecture, trained.setting
    images = len(source.val())
    if config.debug.val_batches is not None:
        images = min(images, config.debug.val_batches * config.eval_batch_size * trainer.world_size)
    published = zoo.entry(config.arch).published.get("top1") if config.arch in zoo.names() else None
    write_json(
        folder / "result.json",
        {
            "task": "evaluate",
            "structure": str(architecture),
            "arch": config.arch,
            "weights": trained.origin,
            "dataset": config.dataset.name,
            "images": images,
            "val_top1": round(metrics["val_top1"], 4),
            "val_top5": round(metrics["val_top5"], 4),
            "val_loss": metrics["val_loss"],
            "published_top1": published,
            "params": architecture.num_params(setting.num_classes, setting.use_se),
            "flops": architecture.flops(setting.resolution, setting.num_classes, setting.use_se),
            "layers": architecture.num_layers,
            "resolution": setting.resolution,
            "crop_size": size,
            "num_classes": setting.num_classes,
            "use_se": setting.use_se,
            "precision": trainer.precision,
            "device": str(trainer.strategy.root_device),
            "seconds": round(seconds, 3),
            "versions": versions(),
            "git_commit": git_commit(),
        },
    )
    table = Table(f"{config.arch} on {config.dataset.name}", ["", "value"])
    table.add("val top-1", f"{metrics['val_top1']:.2f}%")
    table.add("val top-5", f"{metrics['val_top5']:.2f}%")
    if published is not None:
        table.add("published top-1", f"{published:.1f}%")
    table.print()
    crop = f", cropped to {size} px" if size != setting.resolution else ""
    print(f"{images:,} images{crop}, {setting.resolution} px, {trainer.precision}, {short_time(seconds)}")
    print(f"weights: {trained.origin}")
    print(f"in {folder}: result.json")
    return float(metrics["val_top1"])


@dataclass
class EvaluateKeys:
    """The keys of ``task=evaluate``."""

    arch: str | None = None
    weights: str | None = None
    use_se: bool | None = None
    resolution: int = 32
    num_classes: int = 10
    eval_batch_size: int = 128
    crop_size: int | None = None


class Evaluate(Task[EvaluateKeys]):
    """Measures the accuracy of a trained network."""

    name = "evaluate"
    Keys = EvaluateKeys
    groups = ("dataset", "trainer")
    instead: ClassVar = {
        "device": "trainer.accelerator",
        "workers": "trainer.loader_workers",
        "batch_size": "eval_batch_size",
        "recipe.batch_size": "eval_batch_size",
    }
    files = ("result.json",)

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and what would be evaluated."""
        checks.ask("arch", check_asked)
        check_machine(checks, None)
        classes, source = tell_trained(checks), check_source(checks)
        if classes is not None and source is not None:
            checks.ask("dataset", lambda config: check_same_classes(config, classes, source))

    def run(self) -> float:
        """Evaluate it; top-1 in percent is returned."""
        return run(self.config, self.folder, self.command)
