"""A training from its first step, or from where it was stopped, to its last: what ``zl.train`` and ``task=train`` share."""

import contextlib
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch

from zen_lightning.api.training_setup import TrainingSetup
from zen_lightning.arch import Architecture
from zen_lightning.data import ImageData
from zen_lightning.data.preprocessing import Preprocessing
from zen_lightning.errors import UserError, first_line
from zen_lightning.runs.names import WEIGHTS
from zen_lightning.system.checksums import check_beside
from zen_lightning.system.locks import lock, lock_file
from zen_lightning.system.numbers import shortened
from zen_lightning.training.agreement import Agreement
from zen_lightning.training.best_details import BestDetails
from zen_lightning.training.checkpoints import LAST, Checkpoints, Saved, read_saved
from zen_lightning.training.class_weights import class_weights
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.early_stopping import EarlyStopper, EarlyStopping
from zen_lightning.training.history import History
from zen_lightning.training.interruption import Interruption
from zen_lightning.training.lightning_internals import first_error
from zen_lightning.training.pace import Pace, overall
from zen_lightning.training.trainer import make_trainer
from zen_lightning.training.validation_details import ValidationDetails

_LABELS = "labels"
"""Of what makes it this training, the digest of the classes and labels of its images: images are moved between folders."""

_EARLIER = {
    "dataset.placement": "cpu",
    "recipe.class_weights": None,
    "recipe.sampling": "shuffled",
    "recipe.repeats": 1,
}
"""What a checkpoint of an earlier release does not say of its training, because nothing else was there."""

_MOST_SHOWN = 80
"""Characters of a value in a message: there may be a thousand weights of classes."""

Row = dict[str, float]
"""What ``history.csv`` says of an epoch."""


@dataclass(frozen=True)
class Loop:
    """How often a training saves and validates, and who is told.

    Attributes:
        checkpoint_steps: steps between two checkpoints within an epoch; None: there is one after each epoch alone.
        checkpoint_minutes: likewise, by the clock.
        keep_every: epochs between two checkpoints that stay; None: none does.
        early_stopping: ends the training when validation no longer improves; None: nothing does.
        validate_every: epochs between two validations.
        val_batches: batches of a validation at most; None: all.
        profiler: the profiler of Lightning.
        loggers: the loggers of Lightning.
        callbacks: the callbacks of Lightning, beside those that every training has.
        on_trainer: called with the trainer before anything starts; it may refuse it.
        on_start: called on the main process as the training starts, with the trainer and what the checkpoint says that is
            continued; None where there is none.
        on_epoch: called on the main process after each epoch, with its row and all rows.
        guard: what the training runs in: it may turn what ends it early into something else.
    """

    checkpoint_steps: int | None = None
    checkpoint_minutes: float | None = 10.0
    keep_every: int | None = None
    early_stopping: EarlyStopping | None = None
    validate_every: int = 1
    val_batches: int | None = None
    profiler: Any = None
    loggers: Sequence[Any] = ()
    callbacks: Sequence[pl.Callback] = ()
    on_trainer: Callable[[pl.Trainer], None] = lambda trainer: None
    on_start: Callable[[pl.Trainer, Saved | None], None] = lambda trainer, saved: None
    on_epoch: Callable[[Row, list[Row]], None] = lambda row, rows: None
    guard: "Callable[[pl.Trainer, Interruption], contextlib.AbstractContextManager[None]]" = field(
        default=lambda trainer, interruption: contextlib.nullcontext()
    )


@dataclass(frozen=True)
class Fitted:
    """A training that has come to its end.

    Attributes:
        rows: the rows of all epochs, those before a resume among them.
        best: epoch, loss and accuracies of the best validation; empty without one.
        seconds: the seconds from start to end, of this process.
        stopped_early: the sentence on why it ended before its last epoch; None where it did not.
        last_loss: the loss of the classifier in the last epoch.
        details: what the best validation says of each class; None without one.
        facts: what a result says of the machine: device, processes, precision, images, batch, learning rate, images per second,
            waiting for data, memory.
        is_main: False in the processes beside the main one.
    """

    rows: list[Row]
    best: Row
    seconds: float
    stopped_early: str | None
    last_loss: float
    details: ValidationDetails | None
    facts: Mapping[str, Any]
    is_main: bool


def fit(
    setup: TrainingSetup,
    data: ImageData,
    make_module: Callable[[int], ClassifierModule],
    folder: Path,
    identity: Mapping[str, Any],
    loop: Loop,
) -> Fitted:
    """Train; a training whose checkpoint is in the folder is continued. Weights, history and checkpoints go there.

    Args:
        setup: the setup of the training.
        data: its loaders.
        make_module: gives the module, with the number of training images.
        folder: the folder of the run.
        identity: what makes it this training, beside what :func:`identity_of` adds: nothing else is continued.
        loop: how often it saves and validates, and who is told.

    Raises:
        UserError: something that only shows now: a folder that holds another training, a full disk, a loss that is not finite.
    """
    began, last = time.monotonic(), folder / LAST
    module = make_module(data.train_size)
    weights = class_weights(setup.recipe.class_weights, setup.source.classes, data.shown_counts())
    module.weigh_classes(weights)
    machine = setup.machine
    if machine.strategy == "ddp" and not isinstance(setup.network.architecture, Architecture):
        # An edge of a cell may lead nowhere: its weights have no gradient, for which DDP would wait.
        machine = replace(machine, strategy="ddp_find_unused_parameters_true")
    details = BestDetails()
    agreement = Agreement()
    pace = Pace(agreement)
    history = History(loop.on_epoch, pace)
    module.network.train()  # Weights are read in eval mode, and Lightning leaves modes as they are.
    seen = Preprocessing.of_source(setup.source, setup.image_size).metadata()
    del seen["resolution"]
    checkpoints = Checkpoints(
        folder, setup.image_size, loop.checkpoint_steps, loop.checkpoint_minutes, agreement, seen, loop.keep_every
    )
    stopper = EarlyStopper(loop.early_stopping, history)
    interruption = Interruption(checkpoints, agreement)
    trainer = make_trainer(
        machine,
        setup.recipe,
        folder,
        callbacks=[agreement, pace, interruption, history, details, stopper, *loop.callbacks, checkpoints],
        loggers=loop.loggers,
        validate_every=loop.validate_every,
        val_batches=loop.val_batches,
        profiler=loop.profiler,
    )
    data.check_batches(trainer.world_size)
    loop.on_trainer(trainer)
    placement = data.settle(trainer.strategy.root_device)
    identity = {**identity, "recipe.class_weights": weights}
    checkpoints.identity = identity_of(setup, data, trainer.world_size, placement.name, identity)
    resumed = last if last.exists() else None
    saved = None if resumed is None else read_saved(resumed)
    if resumed is not None and saved is not None:
        _check_same(folder, saved.identity, checkpoints.identity)
        if trainer.is_global_zero and not check_beside(resumed, "move it away to begin anew"):
            print(f"{resumed} is of an earlier release, without a checksum: damage to it would not be noticed", file=sys.stderr)
    with contextlib.ExitStack() as stack:
        if trainer.is_global_zero:
            stack.enter_context(_alone(folder))
            loop.on_start(trainer, saved)
        stack.enter_context(loop.guard(trainer, interruption))
        if setup.machine.channels_last:
            module.to(memory_format=torch.channels_last)
        if setup.machine.compile != "off":  # Imports torch's compiler, which takes seconds: SIGTERM may come meanwhile.
            module.compile_network(setup.machine.compile)
        with first_error(), _explaining_restore(resumed, checkpoints):
            trainer.fit(module, datamodule=data, ckpt_path=resumed, weights_only=True)
    rows = history.rows
    loss = trainer.callback_metrics.get("loss_ce", rows[-1]["train_loss"]) if rows else math.nan
    facts = {
        "train_images": module.train_images,
        "global_batch": setup.recipe.batch_size * trainer.world_size * setup.recipe.accumulate,
        "highest_lr": module.schedule().lr,
        "device": str(trainer.strategy.root_device),
        "placement": placement.name,
        "processes": trainer.world_size,
        "precision": trainer.precision,
        **({} if weights is None else {"class_weights": dict(zip(setup.source.classes, weights, strict=True))}),
        "training_seconds": round(sum(row["seconds"] for row in rows), 3),
        **overall(rows),
    }
    seconds = time.monotonic() - began
    stopped = None if stopper.stop is None else stopper.stop.said(setup.recipe.epochs)
    return Fitted(rows, checkpoints.best, seconds, stopped, float(loss), details.found, facts, trainer.is_global_zero)


def identity_of(setup: TrainingSetup, data: ImageData, world: int, placement: str, more: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes it this training. The same global batch on another number of processes is the same training."""
    recipe = {f"recipe.{key}": value for key, value in setup.recipe.as_dict().items() if key != "batch_size"}
    return {
        "arch": str(setup.network.architecture),
        "use_se": setup.use_se,
        "classes": setup.num_classes,
        "training images": data.train_size,
        "dataset.placement": placement,
        "resolution": setup.image_size,
        "global batch (recipe.batch_size times processes)": setup.recipe.batch_size * world,
        **recipe,
        **more,
        _LABELS: data.labels_digest(),  # The last: another seed or limit, which are told by their names, has other images.
    }


def _check_same(folder: Path, recorded: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    recorded = {**_EARLIER, **recorded}
    for key, value in now.items():
        before = recorded.get(key)
        if key in recorded and before != value:
            shown, asked = (shortened(str(one), _MOST_SHOWN) for one in (before, value))
            what = f"{folder} holds a training with {key}: {shown}, not {asked}"
            if key == _LABELS:
                what = f"{folder} holds a training on other images: their classes, or which image is of which, have changed"
            remedy, weights = "give what it began with, or another {folder}", folder / WEIGHTS
            if weights.is_file():
                remedy += f"; to train on from its weights, weights={weights} there"
            raise UserError(what, key="folder", remedy=remedy)


@contextlib.contextmanager
def _explaining_restore(resumed: Path | None, checkpoints: Checkpoints) -> Iterator[None]:
    """Raise a UserError where a checkpoint holds what is no state of this training: Lightning looks at nothing of it before."""
    try:
        yield
    except (UserError, torch.OutOfMemoryError):
        raise
    except (AttributeError, LookupError, TypeError, ValueError, RuntimeError) as error:
        if resumed is None or checkpoints.began:
            raise
        what = f"{resumed} cannot be continued: {type(error).__name__}, {first_line(error)}"
        raise UserError(what, remedy="move it away to begin anew") from error


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes from training in a folder, and clear what a kill while saving has left there."""
    checkpoints = folder / LAST.parent
    checkpoints.mkdir(parents=True, exist_ok=True)
    path = checkpoints / ".lock"
    with lock_file(path) as file:
        lock(file, path, "folder belongs to a training that is still running; wait for it, or choose another one")
        for left in (*checkpoints.glob(".*.ckpt"), *folder.glob(".weights.*.safetensors")):
            left.unlink(missing_ok=True)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
