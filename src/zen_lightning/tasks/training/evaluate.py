"""``task=evaluate``: the accuracy of a trained network."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from omegaconf import DictConfig

from zen_lightning import zoo
from zen_lightning.api.evaluation import Evaluated, evaluate_network
from zen_lightning.budget import counts
from zen_lightning.data import DataSource
from zen_lightning.errors import UserError, keyed
from zen_lightning.report.terminal.table import Table
from zen_lightning.report.top5 import top5_tells
from zen_lightning.system.numbers import short_time
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.debugging import trainer_options
from zen_lightning.tasks.training.ends import evaluation_ended
from zen_lightning.tasks.training.fit import on_main_process
from zen_lightning.tasks.training.setup import KEYS, check_sweep, read_machine, read_source
from zen_lightning.tasks.training.trained_network import Trained, read_trained

if TYPE_CHECKING:
    from zen_lightning.tasks.checks import Checks


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
    sections = ("request.answer", "network.network", "published.published")

    def check(self, checks: "Checks") -> None:
        """Note what would be refused, and what would be evaluated."""
        from zen_lightning.tasks.training.checking import check_machine, check_source, tell_trained

        checks.ask("arch", check_asked)
        check_machine(checks, None)
        classes, source = tell_trained(checks), check_source(checks)
        if classes is not None and source is not None:
            checks.ask("dataset", lambda config: check_same_classes(config, classes, source))

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
            trained = read_trained(config, command, config.arch)
            source = read_source(config, command)
            check_same_classes(config, trained.setting.num_classes, source)
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
                    on_trainer=lambda trainer: check_sweep(trainer, command),
                    guard=evaluation_ended,
                )
            if found.is_main:
                self._write(trained, found)
            return found.val_top1

    def _write(self, trained: Trained, found: Evaluated) -> None:
        config, architecture, setting = self.config, trained.network.architecture, trained.setting
        published = zoo.entry(config.arch).published.get("top1") if config.arch in zoo.names() else None
        self.leave(
            {
                "structure": str(architecture),
                "arch": config.arch,
                "weights": trained.origin,
                "dataset": config.dataset.name,
                "images": found.images,
                "val_top1": round(found.val_top1, 4),
                "val_top5": round(found.val_top5, 4),
                "val_loss": found.val_loss,
                "published_top1": published,
                **counts(architecture, *setting),
                **setting._asdict(),
                "crop_size": found.crop_size,
                "precision": found.precision,
                "device": found.device,
            }
        )
        table = Table(f"{config.arch} on {config.dataset.name}", ["", "value"])
        table.add("val top-1", f"{found.val_top1:.2f}%")
        if top5_tells(setting.num_classes):
            table.add("val top-5", f"{found.val_top5:.2f}%")
        if published is not None:
            table.add("published top-1", f"{published:.1f}%")
        table.print()
        crop = f", cropped to {found.crop_size} px" if found.crop_size != found.resolution else ""
        print(f"{found.images:,} images{crop}, {found.resolution} px, {found.precision}, {short_time(found.seconds)}")
        print(f"weights: {trained.origin}")
        print(self.listed())


def check_asked(config: DictConfig) -> None:
    """Raise a UserError where the command names no network, or batches of none."""
    if not isinstance(config.arch, str):
        remedy = "the folder of a training, a name of the zoo, or a file of weights"
        raise UserError("task=evaluate needs arch=", key="arch", remedy=remedy)
    if config.eval_batch_size < 1:
        raise UserError(key="eval_batch_size", value=config.eval_batch_size, expected="1 or more")


def check_same_classes(config: DictConfig, classes: int, source: DataSource) -> None:
    """Raise a UserError unless the network and the dataset have as many classes."""
    if source.num_classes != classes:
        what = f"arch={config.arch} has {classes} classes, and dataset={config.dataset.name} {source.num_classes}"
        raise UserError(what, key="dataset", remedy="choose the dataset that it was trained on")
