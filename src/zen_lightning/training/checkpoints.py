"""When and what is saved: the best, the last, and the weights for users."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytorch_lightning as pl

from zen_lightning.data.grey import GreyRange
from zen_lightning.errors import UserError
from zen_lightning.nets.staged import StagedNetwork
from zen_lightning.nets.weights import METADATA, network_metadata, save_weights
from zen_lightning.runs.names import ARCHITECTURE, WEIGHTS
from zen_lightning.system.files import write_text
from zen_lightning.training.agreement import Agreement
from zen_lightning.training.checkpoint_io import KEPT, BackgroundCheckpointIO, read_checkpoint
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.history import History
from zen_lightning.training.writer import on_cpu

LAST = Path("checkpoints") / "last.ckpt"
BEST = Path("checkpoints") / "best.ckpt"
EPOCHS = "epoch-*.ckpt"
"""Pattern of the names of the checkpoints that stay, beside :data:`LAST`."""

NOTHING = "nothing yet"
"""What :attr:`Checkpoints.saved` is before a run has written or read a checkpoint."""

_BEFORE_VALIDATION = 60.0
"""Seconds of work since the last checkpoint that are worth another one before the last step of an epoch, because none is
possible between that step and the end of validation. A choice: a kill in validation costs a minute of training."""


class Checkpoints(pl.callbacks.Checkpoint):
    """Saves ``last.ckpt`` after epochs and within them; ``best.ckpt`` and the light weights when validation improves.

    With the trainer of :func:`~zen_lightning.training.trainer.make_trainer` the files are written in the background, from
    copies.

    Args:
        folder: where the run writes its files.
        resolution: height and width of the images that the network is trained for, recorded with the weights.
        every_steps: steps between two checkpoints within an epoch; None for none.
        every_minutes: minutes between two checkpoints within an epoch; None for none. By default a kill costs ten minutes, a
            choice: writing goes on in the background.
        metadata: what else is said of the network, in its weights; see :func:`~zen_lightning.nets.save_weights`.
        keep_every: epochs between two checkpoints that stay, ``epoch-0010.ckpt`` and so on; None: none does.
        agreement: of several processes, whose clocks differ; it comes before this in the list of callbacks. None: of its own,
            for one process.

    Attributes:
        best: the highest ``val_top1`` so far, ``val_top5`` of the same epoch, and that epoch, from 1; empty before the first.
        saved: what the last checkpoint holds, as text.
        began: whether training has begun, after the state of a checkpoint was restored.
        identity: what identifies the run, kept in the checkpoint: another run does not continue from it.
    """

    def __init__(
        self,
        folder: Path,
        resolution: int,
        every_steps: int | None = None,
        every_minutes: float | None = 10.0,
        agreement: Agreement | None = None,
        metadata: Mapping[str, str] | None = None,
        keep_every: int | None = None,
    ) -> None:
        if keep_every is not None and (not isinstance(keep_every, int) or isinstance(keep_every, bool) or keep_every < 1):
            raise UserError(key="keep_every", value=keep_every, expected="a whole number of epochs, 1 or more")
        self.folder = folder
        self.best: dict[str, float] = {}
        self.saved = NOTHING
        self.began = False
        self._resolution = resolution
        self._metadata = dict(metadata or {})
        self._every_steps = every_steps
        self._keep_every = keep_every
        self._every_seconds = None if every_minutes is None else 60 * every_minutes
        self.identity: dict[str, Any] = {}
        self._last_save = 0.0
        self._is_last = False
        self._agreement = agreement or Agreement()
        self._agreement.ask("save", self._is_time)

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock; write down what is trained."""
        self._last_save = time.monotonic()
        self.began = True
        assert isinstance(pl_module, ClassifierModule)
        pl_module.metadata = network_metadata(pl_module.network, self._resolution, self._metadata)
        if trainer.is_global_zero:
            write_text(self.folder / ARCHITECTURE, f"{pl_module.network.architecture}\n")

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int) -> None:
        """Note whether this is the last batch after which training can be continued; report a file not written."""
        self._is_last = batch_idx + 1 + trainer.accumulate_grad_batches >= int(trainer.num_training_batches)
        if isinstance(io := trainer.strategy.checkpoint_io, BackgroundCheckpointIO):
            io.writer.check()

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Save within an epoch, when it is time."""
        if self.can_save(trainer, batch_idx) and self._is_due(trainer, batch_idx):
            self.save_last(trainer, pl_module, batch_idx + 1)

    def can_save(self, trainer: pl.Trainer, batch_idx: int) -> bool:
        """Return whether training can be continued after this batch.

        Not after an epoch's last batch: Lightning would skip validation. Not between batches whose gradients are added up:
        these are in no checkpoint.
        """
        return not trainer.is_last_batch and (batch_idx + 1) % trainer.accumulate_grad_batches == 0

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Keep the network if it is the best so far."""
        if trainer.state.fn != "fit" or "val_top1" not in trainer.callback_metrics:
            return
        assert isinstance(pl_module, ClassifierModule)
        metrics = {name: float(trainer.callback_metrics[name]) for name in ("val_top1", "val_top5", "val_loss")}
        if self.best and metrics["val_top1"] <= self.best["val_top1"]:
            return
        pl_module.epoch_loss()
        self.best = {**metrics, "epoch": trainer.current_epoch + 1}
        trainer.save_checkpoint(self.folder / BEST, weights_only=True)
        if trainer.is_global_zero:
            network = pl_module.final_network
            assert isinstance(network, StagedNetwork)
            self._write_weights(trainer, network)

    def on_train_epoch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Save a finished epoch."""
        self.save_last(trainer, pl_module, None)

    def save_last(self, trainer: pl.Trainer, pl_module: pl.LightningModule, batches: int | None) -> None:
        """Write ``last.ckpt``.

        Args:
            trainer: the trainer; every process calls this.
            pl_module: the module in training.
            batches: of the epoch that are done; None for all of a finished one, and its validation.
        """
        assert isinstance(pl_module, ClassifierModule)
        pl_module.epoch_loss()
        datamodule: Any = trainer.datamodule  # type: ignore[attr-defined]
        epoch = trainer.current_epoch + (batches is None)
        datamodule.position = (epoch, batches or 0)
        before, self.saved = self.saved, f"{epoch} epochs" + (f" and {batches} batches" if batches else "")
        try:
            trainer.save_checkpoint(self.folder / LAST, storage_options=self._also(epoch) if batches is None else None)
        except BaseException:
            self.saved = before
            raise
        self._last_save = time.monotonic()

    def _also(self, epoch: int) -> dict[str, Any] | None:
        """Return the storage options of the checkpoint after so many finished epochs."""
        if self._keep_every is None or epoch % self._keep_every:
            return None
        return {KEPT: self.folder / LAST.parent / EPOCHS.replace("*", f"{epoch:04}")}

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint holds of this."""
        return {"best": dict(self.best), "saved": self.saved, "identity": self.identity}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from a checkpoint."""
        self.best = dict(state_dict["best"])
        self.saved = state_dict["saved"]

    def _write_weights(self, trainer: pl.Trainer, network: StagedNetwork) -> None:
        place, io = self.folder / WEIGHTS, trainer.strategy.checkpoint_io
        if isinstance(io, BackgroundCheckpointIO):
            state = on_cpu(network.state_dict())
            io.writer.submit(lambda: save_weights(network, place, self._resolution, self._metadata, state))
        else:
            save_weights(network, place, self._resolution, self._metadata)

    def _is_due(self, trainer: pl.Trainer, batch_idx: int) -> bool:
        step = (batch_idx + 1) // trainer.accumulate_grad_batches
        if self._every_steps is not None and step % self._every_steps == 0:
            return True
        return self._is_time() if trainer.world_size == 1 else self._agreement.agreed("save")

    def _is_time(self) -> bool:
        waited = time.monotonic() - self._last_save
        if self._is_last and waited > _BEFORE_VALIDATION:
            return True
        return self._every_seconds is not None and waited > self._every_seconds


class Saved(NamedTuple):
    """What a checkpoint says of its training.

    Attributes:
        identity: what :class:`Checkpoints` recorded as the identity of the run.
        rows: the rows of its history.
        grey_range: what is black and white in its images of more than 8 bits a channel; None where it does not say.
    """

    identity: dict[str, Any]
    rows: list[dict[str, float]]
    grey_range: GreyRange | None


def read_saved(path: Path) -> Saved:
    """Return what a checkpoint says of its training; errors as for :func:`.checkpoint_io.read_checkpoint`."""
    content = read_checkpoint(path)
    try:
        callbacks = content.get("callbacks", {})
        state: dict[str, Any] = callbacks.get(Checkpoints.__qualname__, {})
        rows = callbacks.get(History.__qualname__, {}).get("rows", [])
        grey = content.get(METADATA, {}).get("grey_range")
        return Saved(
            dict(state.get("identity", {})),
            [dict(row) for row in rows],
            None if grey is None else GreyRange.read(json.loads(grey)),
        )
    except (AttributeError, TypeError, ValueError, RecursionError):
        what = f"{path}: not a checkpoint of a training: what it says of its run cannot be read"
        raise UserError(what, remedy="move it away to begin anew") from None


def begun_grey_range(folder: Path) -> GreyRange | None:
    """Return what is black and white in deep images for the training of a folder; None where there is none, or no range.

    A training goes on with it: measured anew, the range may differ, since more is known of files than when the training began.

    Raises:
        UserError: as for :func:`read_saved`.
    """
    last = folder / LAST
    return read_saved(last).grey_range if last.exists() else None


def read_identity(path: Path) -> dict[str, Any]:
    """Return the identity of the run that a checkpoint is of."""
    return read_saved(path).identity
