"""Runs the training of a task: what it prints, the files that it leaves, how it ends."""

import contextlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from omegaconf import DictConfig, OmegaConf

from zen_lightning.api.class_files import write_class_files
from zen_lightning.api.fitting import Loop, fit
from zen_lightning.api.training_setup import TrainingSetup
from zen_lightning.data import ImageData
from zen_lightning.errors import UserError, keyed
from zen_lightning.runs.command_line import resuming
from zen_lightning.runs.command_record import requested_overrides, write_record
from zen_lightning.runs.hydra_record import record_choice
from zen_lightning.runs.names import RESULT, WEIGHTS
from zen_lightning.runs.overrides import last_value
from zen_lightning.system.named_path import expanded
from zen_lightning.system.numbers import short_count
from zen_lightning.system.processes import is_main_process
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.debugging import check_learned, trainer_options
from zen_lightning.tasks.tracking import tracking
from zen_lightning.tasks.training.ends import ended
from zen_lightning.tasks.training.files import plot, show, write_history
from zen_lightning.tasks.training.loggers import make_loggers
from zen_lightning.tasks.training.machine import check_sweep, read_early_stopping
from zen_lightning.tasks.training.setup import KEYS, identity
from zen_lightning.tasks.training.trace import trace_callbacks
from zen_lightning.tasks.training.trial_course import trial_callbacks
from zen_lightning.training.checkpoints import LAST, Saved
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.early_stopping import Stop
from zen_lightning.training.interruption import Interruption
from zen_lightning.training.lost_checkpoint import check_not_lost
from zen_lightning.training.machine import choices
from zen_lightning.training.progress import ShowProgress


def run_training(
    task: Task[Any], setup: TrainingSetup, data: ImageData, make_module: Callable[[int], ClassifierModule], **more: Any
) -> float:
    """Train, write what comes of it to the folder of the task, and show it.

    Args:
        task: whose training it is.
        setup: the setup of the training.
        data: its loaders.
        make_module: gives the module, with the number of training images.
        more: further parts of the identity of the run, besides what every training has.

    Returns:
        the best validation top-1 in percent, for sweepers that optimise it.

    Raises:
        UserError: something that only shows now: a folder that holds another training, a full disk, a loss that is not finite.
        SystemExit: training was stopped from outside, and saved; code 75 after SIGTERM, 130 after Ctrl-C.
    """
    config, folder = task.config, task.folder
    refuse_started(config, folder)

    @contextlib.contextmanager
    def guard(trainer: pl.Trainer, interruption: Interruption) -> Iterator[None]:
        with interruption.listening(), ended(trainer, interruption, folder):
            yield

    rule = read_early_stopping(config)
    said: list[Stop | None] = []

    def on_start(trainer: pl.Trainer, saved: Saved | None) -> None:
        _record(task, setup)
        stop = None if rule is None or saved is None or not saved.rows else rule.verdict(saved.rows)
        tracking().begin()
        if chosen := choices(setup.machine):
            print(f"{chosen} (trainer.precision=32-true trainer.benchmark=false for plain float32)", flush=True)
        said.append(stop)
        print(_headline(task, setup, data, trainer, saved, stop), flush=True)

    loop = Loop(
        checkpoint_steps=config.trainer.checkpoint_steps,
        checkpoint_minutes=config.trainer.checkpoint_minutes,
        keep_every=config.trainer.get("keep_every"),
        early_stopping=rule,
        validate_every=config.trainer.validate_every,
        **trainer_options(config, folder),
        loggers=make_loggers(config, folder),
        callbacks=[*trace_callbacks(config, folder), ShowProgress(), *trial_callbacks(folder)],
        on_trainer=lambda trainer: check_sweep(trainer, task.command),
        on_start=on_start,
        on_epoch=lambda row, rows: write_history(folder, row, rows, setup.recipe.epochs, setup.num_classes),
        guard=guard,
    )
    with keyed(KEYS):
        fitted = fit(setup, data, make_module, folder, identity(config, **more), loop)
    if fitted.is_main:
        from zen_lightning.api.training_files import training_content

        recipe: Any = OmegaConf.to_container(config.recipe, resolve=True)
        recipe["warmup_epochs"] = setup.recipe.warmup_epochs  # As it was, if it was shortened; so was a batch.
        recipe["batch_size"] = setup.recipe.batch_size
        plot(folder, fitted.rows, f"{config.dataset.name}, {setup.recipe.epochs:,} epochs")
        write_class_files(folder, fitted.details, setup.source.classes, f"{config.dataset.name}, best epoch")
        # As it was named, also where the run was continued: its record has the structure in the place of the name.
        named = last_value(requested_overrides(folder), "arch") or config.arch
        task.leave(training_content(setup, fitted, named, config.dataset.name, recipe))
        if fitted.stopped_early and not any(said):  # A run that is finished already begins with that.
            print(f"\n{fitted.stopped_early}; weights.safetensors has the best epoch", flush=True)
        show(folder, setup, fitted)
        check_learned(config, fitted.last_loss, folder)
    return fitted.best.get("val_top1", 0.0)


def refuse_started(config: DictConfig, folder: Path) -> None:
    """Raise a UserError where the folder holds a training that this command does not continue."""
    if config.resume is None and (folder / LAST).exists():
        remedy = f"continue it with {resuming(folder)}, or choose another output_dir"
        raise UserError(f"{folder} already holds a training", key="output_dir", remedy=remedy)
    check_not_lost(folder, "output_dir" if config.resume is None else "resume")


@contextlib.contextmanager
def on_main_process() -> Iterator[None]:
    """Let only the main process of several print: the others do the same, and say the same."""
    if is_main_process():
        yield
    else:
        with contextlib.redirect_stdout(io.StringIO()):
            yield


def _record(task: Task[Any], setup: TrainingSetup) -> None:
    config, overrides = task.config, list(task.command.overrides)
    if setup.use_se and config.use_se is None:
        overrides.append("use_se=true")  # The structure, which is recorded for arch=, does not say it.
    weights = None if config.weights is None else str(expanded(config.weights).absolute())
    added = {} if setup.chosen is None else {"recipe": setup.chosen}
    if setup.chosen is not None:
        record_choice(task.folder, "recipe", setup.chosen, OmegaConf.to_container(config.recipe, resolve=True))
    write_record(task.folder, overrides, added, arch=str(setup.network.architecture), weights=weights)


def _headline(
    task: Task[Any], setup: TrainingSetup, data: ImageData, trainer: pl.Trainer, saved: Saved | None, stop: Stop | None
) -> str:
    architecture, epochs = setup.network.architecture, setup.recipe.epochs
    params = short_count(architecture.num_params(setup.num_classes, setup.use_se))
    flops = short_count(architecture.flops(setup.image_size, setup.num_classes, setup.use_se))
    where = trainer.strategy.root_device.type + (f", {trainer.world_size} processes" if trainer.world_size > 1 else "")
    verb = "training" if saved is None else "continuing to train"
    if saved is not None and (task.folder / RESULT).exists():
        weights, again = task.folder / WEIGHTS, "its files are written again"
        if len(saved.rows) >= epochs:
            return (
                f"already finished: all {epochs:,} epochs of {task.folder} are trained; {again}. "
                f"To train longer, begin from its weights: weights={weights}"
            )
        if stop is not None:
            return (
                f"already finished: {task.folder} was {stop.said(epochs)}; {again}. "
                f"To train on, give trainer.early_stopping=null or a larger patience"
            )
    return (
        f"{verb} a network of {params} params, {flops} FLOPs on {task.config.dataset.name} ({data.train_size:,} images, "
        f"{setup.num_classes} classes, {setup.image_size} px) for {epochs:,} epoch{'s' * (epochs != 1)} on {where}"
    )
