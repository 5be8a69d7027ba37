"""What all processes of a training agree on, so that they save and stop after the same step."""

import time
from collections.abc import Callable
from typing import Any

import pytorch_lightning as pl
import torch
from torch import distributed

EVERY = 1.0
"""Seconds between two rounds of asking where a step takes less. A choice: a signal or a save may wait a second, and one
exchange over gloo, below a millisecond on one machine, is then 0.1% of the time."""

_MOST_STEPS = 100
"""Steps between two rounds of asking, at most. A choice: it bounds the wait where steps suddenly become slower."""


class Agreement(pl.Callback):
    """Asks all processes for their wishes, now and then, and tells each of them whether any process had that wish.

    What one process knows (a signal came, its clock says that it is time to save) must not make it act alone: the others would
    wait for it in a collective. So a part of the training registers its wish by :meth:`ask`, and reads :meth:`agreed` after a
    batch, where the answer is the same in all processes.

    The wishes travel over the CPU, in a process group of their own (gloo): no process waits for its GPU. All ask after the
    same batches: about once a second, at least every 100 steps, and always after an epoch's last two steps. A step is that of
    the optimiser: nothing is asked between batches whose gradients are added up. The same holds in validation. A single
    process asks after every step.

    In the list of callbacks it comes before those that read it.

    Args:
        every: seconds between two rounds of asking.

    Example:
        In a callback, with ``agreement`` given to its constructor:

            agreement.ask("save", self._is_time)                 # in __init__
            if agreement.agreed("save"): trainer.save_checkpoint(path)   # in on_train_batch_end
    """

    def __init__(self, every: float = EVERY) -> None:
        self._every = every
        self._wishes: dict[str, Callable[[], bool]] = {}
        self._agreed: set[str] = set()
        self._group: Any = None
        self._several = False
        self._interval = 1
        self._steps = 0
        self._looked = 0.0
        self._common_batches = 0

    def ask(self, name: str, wish: Callable[[], bool]) -> None:
        """Register a wish; every process registers the same ones in the same order, before training.

        Args:
            name: name of the wish.
            wish: returns whether this process has it now; called in each round.
        """
        self._wishes[name] = wish

    def agreed(self, name: str) -> bool:
        """Return whether any process had this wish when all were asked after this batch; False where they were not asked."""
        return name in self._agreed

    def largest(self, *values: float) -> list[float]:
        """Return the largest of each value over all processes; every process calls this at the same place."""
        if not self._several:
            return list(values)
        tensor = torch.tensor(values, dtype=torch.float64)
        distributed.all_reduce(tensor, op=distributed.ReduceOp.MAX, group=self._group)
        reduced: list[float] = tensor.tolist()
        return reduced

    def setup(self, trainer: pl.Trainer, pl_module: pl.LightningModule, stage: str) -> None:
        """Make the group of processes."""
        self._several = trainer.world_size > 1
        if self._several and self._group is None:
            self._group = distributed.new_group(backend="gloo")

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Start the clock: what lies between epochs is not part of a step."""
        self._steps, self._looked = 0, time.monotonic()

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int) -> None:
        """Forget what was agreed on after the last batch."""
        self._agreed = set()

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Ask all processes, if it is time."""
        each = trainer.accumulate_grad_batches
        if (batch_idx + 1) % each == 0 or trainer.is_last_batch:
            self._step(is_certain=batch_idx + 1 + each >= int(trainer.num_training_batches))

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Count the batches that all processes have; some have one more than others."""
        self._agreed = set()
        if trainer.state.fn == "fit":
            self._common_batches = -int(self.largest(-sum(map(int, trainer.num_val_batches)))[0])
            self._steps, self._looked = 0, time.monotonic()

    def on_validation_batch_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, *rest: Any) -> None:
        """Ask all processes, if it is time."""
        batch_idx = int(rest[1])
        self._agreed = set()
        if trainer.state.fn == "fit" and batch_idx < self._common_batches:
            self._step(is_certain=False)

    def _step(self, is_certain: bool) -> None:
        self._steps += 1
        if not self._several or is_certain or self._steps >= self._interval:
            self._look()

    def _look(self) -> None:
        now = time.monotonic()
        wishes = [float(wish()) for wish in self._wishes.values()]
        seconds, *wished = self.largest((now - self._looked) / max(self._steps, 1), *wishes)
        self._agreed = {name for name, one in zip(self._wishes, wished, strict=True) if one}
        # From the slowest process, so the same in all. A process runs ahead of its GPU at first: the interval only doubles.
        self._interval = max(1, min(_MOST_STEPS, 2 * self._interval, int(self._every / max(seconds, 1e-9))))
        self._steps, self._looked = 0, now
