"""``task=evaluate``: the accuracy of a trained network."""

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from omegaconf import DictConfig

from zen_lightning import zoo
from zen_lightning.api.class_files import class_content, write_class_files
from zen_lightning.api.evaluation import Evaluated, as_seen, evaluate_network, exported_machine
from zen_lightning.api.exported import ExportedNetwork, exported_network, exporter_of
from zen_lightning.api.sources import read_architecture
from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import counts
from zen_lightning.data import DataSource
from zen_lightning.errors import UserError, keyed
from zen_lightning.report.terminal.classes import show_worst
from zen_lightning.report.terminal.table import Table
from zen_lightning.report.top5 import top5_tells
from zen_lightning.runs.class_files import CLASS_FILES
from zen_lightning.runs.command import Command
from zen_lightning.system.named_path import existing_path, expanded
from zen_lightning.system.numbers import megabytes, short_time
from zen_lightning.system.processes import is_main_process
from zen_lightning.system.short_path import short_path
from zen_lightning.system.value_types import BatchSize, Classes, OneNetwork, Pixels
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.debugging import trainer_options
from zen_lightning.tasks.training.ends import evaluation_ended
from zen_lightning.tasks.training.fit import on_main_process
from zen_lightning.tasks.training.images import read_source
from zen_lightning.tasks.training.machine import check_sweep, read_machine
from zen_lightning.tasks.training.setup import KEYS
from zen_lightning.tasks.training.trained_network import Trained, read_trained, said_of

if TYPE_CHECKING:
    from zen_lightning.tasks.checks import Checks


@dataclass
class EvaluateKeys:
    """The keys of ``task=evaluate``."""

    arch: OneNetwork | None = None
    weights: str | None = None
    use_se: bool | None = None
    resolution: Pixels = 32
    num_classes: Classes = 10
    eval_batch_size: BatchSize = 128
    crop_size: Pixels | None = None


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
    files = ("result.json", *CLASS_FILES)
    sections = ("request.answer", "classes.classes", "network.network", "published.published")

    def check(self, checks: "Checks") -> None:
        """Note what would be refused, and what would be evaluated."""
        from zen_lightning.tasks.training.checking import check_machine, check_source, tell_trained

        checks.ask("arch", check_asked)
        check_machine(checks, None)
        source = check_source(checks)
        arch = checks.config.arch
        network: Evaluable | int | None
        if isinstance(arch, str) and exporter_of(arch) is not None and arch.strip() not in checks.promised:
            network = checks.ask("arch", lambda config: read_evaluable(config, checks.command))
            checks.ask("trainer", lambda config: check_exported_machine(config, checks.command))
            if network is not None:
                checks.tell("network", f"{arch}, {network.setting.num_classes} classes, {network.setting.resolution} px")
        else:
            network = tell_trained(checks)
        if network is not None and source is not None:
            checks.ask("dataset", lambda config: check_same_classes(config, network, source))

    def run(self) -> float:
        """Measure top-1 and top-5 of ``arch=`` on the validation images of ``dataset=``, and write ``result.json``.

        Returns:
            top-1 in percent.

        Raises:
            UserError: there is no such network or dataset, or they have different classes.
        """
        config, command = self.config, self.command
        check_asked(config)
        with on_main_process():
            machine = read_machine(config, command)
            trained = read_evaluable(config, command)
            seen = trained.preprocessing
            source = read_source(config, command, seen.grey_range if seen is not None else None)
            check_same_classes(config, trained, source)
            tell_unsaid(config, trained)
            with keyed({**KEYS, "image_size": "crop_size", "batch_size": "eval_batch_size"}):
                found = evaluate_network(
                    trained,
                    source,
                    machine,
                    self.folder,
                    batch_size=config.eval_batch_size,
                    crop_size=config.crop_size,
                    workers=config.trainer.loader_workers,
                    prefetch=config.trainer.loader_prefetch,
                    **trainer_options(config, self.folder),
                    own=[name for name in ("mean", "std", "crop_ratio") if f"dataset.{name}" in command.keys],
                    on_trainer=lambda trainer: check_sweep(trainer, command),
                    guard=evaluation_ended,
                )
            if found.is_main:
                self._write(trained, found)
            return found.val_top1

    def _write(self, trained: "Evaluable", found: Evaluated) -> None:
        config, setting = self.config, trained.setting
        published = zoo.entry(config.arch).published.get("top1") if config.arch in zoo.names() else None
        place = existing_path(config.arch)
        title = f"{short_path(place) if place else config.arch} on {config.dataset.name}"
        write_class_files(self.folder, found.details, found.class_names, title)
        self.leave(
            {
                **_architecture(trained),
                "arch": config.arch,
                "weights": trained.origin,
                "dataset": config.dataset.name,
                "images": found.images,
                "val_top1": round(found.val_top1, 4),
                "val_top5": round(found.val_top5, 4),
                "val_loss": found.val_loss,
                **class_content(found.details, found.class_names),
                "published_top1": published,
                **setting._asdict(),
                "crop_size": found.crop_size,
                "precision": found.precision,
                "device": found.device,
                "images_per_second": round(found.images_per_second, 1),
                "peak_memory": found.peak_memory,
            }
        )
        _show(title, trained, found, published)
        print(self.listed())


Evaluable = Trained | ExportedNetwork
"""What can be evaluated."""


def read_evaluable(config: DictConfig, command: Command) -> Evaluable:
    """Return the network that ``arch=`` names: an exported file, or trained weights.

    Raises:
        UserError: there is no such network, or the file cannot be run.
    """
    exporter = exporter_of(config.arch)
    if exporter is None:
        return read_trained(config, command, config.arch)
    if config.weights is not None:
        remedy = "leave weights out"
        raise UserError(f"arch={config.arch} has its weights in it", key="weights", value=config.weights, remedy=remedy)
    return exported_network(expanded(config.arch), exporter, said_of(config, command))


def check_asked(config: DictConfig) -> None:
    """Raise a UserError where the command names no network, or batches of none."""
    if not isinstance(config.arch, str):
        remedy = "the folder of a training, a name of the zoo, a file of weights, or an exported .onnx, .pt2 or .xml file"
        raise UserError("task=evaluate needs arch=", key="arch", remedy=remedy)
    if config.eval_batch_size < 1:
        raise UserError(key="eval_batch_size", value=config.eval_batch_size, expected="1 or more")


def check_exported_machine(config: DictConfig, command: Command) -> None:
    """Raise a UserError where a command asks for what exported files cannot run on."""
    with keyed(KEYS):
        exported_machine(read_machine(config, command))


def check_same_classes(config: DictConfig, network: Evaluable | int, source: DataSource) -> None:
    """Raise a UserError unless the network knows the classes of the dataset, or has as many where nothing says which."""
    if not isinstance(network, int) and network.preprocessing is not None:
        as_seen(network, source)
        return
    classes = network if isinstance(network, int) else network.setting.num_classes
    if source.num_classes != classes:
        what = f"arch={config.arch} has {classes} classes, and dataset={config.dataset.name} {source.num_classes}"
        raise UserError(what, key="dataset", remedy="choose the dataset that it was trained on")


def tell_unsaid(config: DictConfig, network: Evaluable) -> None:
    """Say how images are prepared for an exported file that does not say it itself, and which keys change that."""
    if isinstance(network, ExportedNetwork) and network.preprocessing is None and is_main_process():
        print(
            f"{network.origin} does not say how its images are prepared: {network.setting.resolution} px, and mean, deviation, "
            f"crop and the order of the classes are those of dataset={config.dataset.name} (crop_size=, and for image folders "
            "dataset.mean= dataset.std= dataset.crop_ratio= dataset.classes= set others)",
            file=sys.stderr,
            flush=True,
        )


def _architecture(network: Evaluable) -> dict[str, Any]:
    """Return the structure and its costs, where they are known."""
    if isinstance(network, Trained):
        architecture: BaseArchitecture = network.network.architecture
    elif network.structure is None:
        return {}
    else:
        try:
            architecture = read_architecture(network.structure)
        except UserError:  # Written with a block or a package that is not here: the file runs without it.
            return {}
    return {"structure": str(architecture), **counts(architecture, *network.setting)}


def _show(title: str, network: Evaluable, found: Evaluated, published: float | None) -> None:
    table = Table(title, ["", "value"])
    table.add("val top-1", f"{found.val_top1:.2f}%")
    if top5_tells(network.setting.num_classes):
        table.add("val top-5", f"{found.val_top5:.2f}%")
    if found.mean_class_top1 is not None:
        table.add("mean top-1 of the classes", f"{found.mean_class_top1:.2f}%")
        table.add("calibration error", f"{found.calibration_error:.2f}%")
    if published is not None:
        table.add("published top-1", f"{published:.1f}%")
    table.print()
    show_worst(found.worst_classes, found.without_images)
    crop = f", cropped to {found.crop_size} px" if found.crop_size != found.resolution else ""
    memory = "" if found.peak_memory is None else f", at most {megabytes(found.peak_memory)} of memory"
    spent = f"{short_time(found.seconds)} ({found.images_per_second:,.0f} images/s{memory})"
    print(f"{found.images:,} images{crop}, {found.resolution} px, {found.precision}, {spent}")
    print(f"weights: {network.origin}")
