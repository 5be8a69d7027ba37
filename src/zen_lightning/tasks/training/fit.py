"""Runs a training: from the first step, or from where it was stopped, to its files."""

import contextlib
import io
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig

from zen_lightning.data import ImageData
from zen_lightning.errors import UserError, keyed
from zen_lightning.nets import CellNetwork
from zen_lightning.runs.command import Command
from zen_lightning.runs.command_record import write_record
from zen_lightning.system.locks import lock
from zen_lightning.system.numbers import short_count
from zen_lightning.system.processes import is_main_process
from zen_lightning.tasks.debugging import check_learned, trainer_options
from zen_lightning.tasks.tracking import tracking
from zen_lightning.tasks.training.ends import ended
from zen_lightning.tasks.training.files import show, write_history, write_results
from zen_lightning.tasks.training.loggers import make_loggers
from zen_lightning.tasks.training.setup import KEYS, TrainingSetup, check_sweep, identity
from zen_lightning.tasks.training.trial_course import trial_callbacks
from zen_lightning.training.agreement import Agreement
from zen_lightning.training.checkpoints import LAST, Checkpoints, read_identity
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.history import History
from zen_lightning.training.interruption import Interruption
from zen_lightning.training.machine import choices
from zen_lightning.training.progress import ShowProgress
from zen_lightning.training.trainer import make_trainer


def fit(
    config: DictConfig,
    folder: Path,
    command: Command,
    setup: TrainingSetup,
    data: ImageData,
    make_module: Callable[[int], ClassifierModule],
    **more: Any,
) -> float:
    """Train, write what comes of it to ``folder``, and show it.

    Args:
        config: the composed configuration.
        folder: of the run.
        command: what the command line said.
        setup: of the training.
        data: its loaders.
        make_module: gives the module, with the number of training images.
        more: of the identity of the run, beside what every training has.

    Returns:
        the best validation top-1 in percent, for sweepers that optimise it.

    Raises:
        UserError: something that only shows now: a folder that holds another training, a full disk, a loss that is not finite.
        SystemExit: training was stopped from outside, and saved; code 75 after SIGTERM, 130 after Ctrl-C.
    """
    began = time.monotonic()
    last = folder / LAST
    refuse_started(config, folder)
    module = make_module(data.train_size)
    machine = setup.machine
    if isinstance(setup.network, CellNetwork) and machine.strategy == "ddp":
        # An edge of a cell may lead nowhere: its weights have no gradient, for which DDP would wait.
        machine = replace(machine, strategy="ddp_find_unused_parameters_true")
    history = History(lambda row, rows: write_history(folder, row, rows, setup.recipe.epochs))
    agreement = Agreement()
    checkpoints = Checkpoints(
        folder, setup.image_size, config.trainer.checkpoint_steps, config.trainer.checkpoint_minutes, agreement
    )
    interruption = Interruption(checkpoints, agreement)
    callbacks = [agreement, interruption, history, ShowProgress(), *trial_callbacks(folder), checkpoints]
    with keyed(KEYS):
        trainer = make_trainer(
            machine,
            setup.recipe,
            folder,
            callbacks=callbacks,
            loggers=make_loggers(config, folder),
            validate_every=config.trainer.validate_every,
            **trainer_options(config, folder),
        )
        data.check_batches(trainer.world_size)
    check_sweep(trainer, command)
    this = checkpoints.identity = identity(config, setup, data, trainer.world_size, **more)
    resumed = last if last.exists() else None
    if resumed is not None:
        _check_same(folder, read_identity(resumed), this)
    with contextlib.ExitStack() as stack:
        if trainer.is_global_zero:
            stack.enter_context(_alone(folder))
            _record(config, folder, command, setup)
            tracking().begin()
            if chosen := choices(machine):
                print(f"{chosen} (trainer.precision=32-true trainer.benchmark=false for plain float32)", flush=True)
            print(_headline(config, setup, data, trainer, resumed, folder), flush=True)
        stack.enter_context(interruption.listening())
        _fit(trainer, module, data, setup, resumed, folder, interruption)
    if trainer.is_global_zero:
        write_results(config, folder, setup, module, trainer, history.rows, checkpoints.best, time.monotonic() - began)
        show(folder, setup, checkpoints.best)
        loss = trainer.callback_metrics.get("loss_ce", history.rows[-1]["train_loss"]) if history.rows else math.nan
        check_learned(config, float(loss), folder)
    return checkpoints.best.get("val_top1", 0.0)


def refuse_started(config: DictConfig, folder: Path) -> None:
    """Raise a UserError where the folder holds a training that this command does not continue."""
    if config.resume is None and (folder / LAST).exists():
        raise UserError(f"{folder} already holds a training: continue it with resume={folder}, or choose another output_dir")


@contextlib.contextmanager
def on_main_process() -> Iterator[None]:
    """Let only the main process of several print: the others do the same, and say the same."""
    if is_main_process():
        yield
    else:
        with contextlib.redirect_stdout(io.StringIO()):
            yield


def _fit(
    trainer: pl.Trainer,
    module: ClassifierModule,
    data: ImageData,
    setup: TrainingSetup,
    resumed: Path | None,
    folder: Path,
    interruption: Interruption,
) -> None:
    with keyed(KEYS), ended(trainer, interruption, folder):
        if setup.machine.channels_last:
            module.to(memory_format=torch.channels_last)
        if setup.machine.compile != "off":  # Imports torch's compiler, which takes seconds: SIGTERM may come meanwhile.
            module.compile_network(setup.machine.compile)
        trainer.fit(module, datamodule=data, ckpt_path=resumed, weights_only=True)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from training in a folder, and clear what a kill while saving has left there."""
    checkpoints = folder / LAST.parent
    checkpoints.mkdir(parents=True, exist_ok=True)
    path = checkpoints / ".lock"
    with path.open("ab") as file:
        lock(file, path, "folder belongs to a training that is still running; wait for it, or choose another output_dir")
        for left in (*checkpoints.glob(".*.ckpt"), *folder.glob(".weights.*.safetensors")):
            left.unlink(missing_ok=True)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _record(config: DictConfig, folder: Path, command: Command, setup: TrainingSetup) -> None:
    overrides = list(command.overrides)
    if setup.use_se and config.use_se is None:
        overrides.append("use_se=true")  # The structure, which is recorded for arch=, does not say it.
    weights = None if config.weights is None else str(Path(config.weights).expanduser().absolute())
    write_record(folder, overrides, arch=str(setup.network.architecture), weights=weights)


def _check_same(folder: Path, recorded: dict[str, Any], now: dict[str, Any]) -> None:
    for key, value in now.items():
        before = recorded.get(key)
        if key in recorded and before != value:
            raise UserError(
                f"{folder} holds a training with {key}: {before}, not {value}; give what it began with, or another output_dir"
            )


def _headline(
    config: DictConfig, setup: TrainingSetup, data: ImageData, trainer: pl.Trainer, resumed: Path | None, folder: Path
) -> str:
    architecture = setup.network.architecture
    params = short_count(architecture.num_params(setup.num_classes, setup.use_se))
    flops = short_count(architecture.flops(setup.image_size, setup.num_classes, setup.use_se))
    where = trainer.strategy.root_device.type + (f", {trainer.world_size} processes" if trainer.world_size > 1 else "")
    verb = "continuing to train" if resumed else "training"
    return (
        f"{verb} a network of {params} params, {flops} FLOPs on {config.dataset.name} ({data.train_size:,} images, "
        f"{setup.num_classes} classes, {setup.image_size} px) for {setup.recipe.epochs:,} epochs on {where}; "
        f"files go to {folder}"
    )
