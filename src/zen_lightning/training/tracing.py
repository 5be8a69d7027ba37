"""A few steps of a training under PyTorch's profiler: a trace to look at, and the operations that cost most."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytorch_lightning as pl
import torch
from torch.profiler import ProfilerAction, ProfilerActivity, profile

from zen_lightning.errors import UserError
from zen_lightning.system.files import atomic_path

TRACE = "trace.json"
"""The trace file, in Chrome's format."""

_SKIPPED = 3
"""Steps before those that are traced, where a training has as many: the first ones allocate memory and choose algorithms."""

_MOST = 12
"""Operations that are listed. A choice: half of a terminal's height."""


class Operation(NamedTuple):
    """What one kind of operation cost in the traced steps.

    Attributes:
        name: as PyTorch has it: ``aten::convolution_backward``, or the name of a kernel.
        calls: in all traced steps.
        milliseconds: of all calls, without those of other operations within them; of the device where there is a GPU.
        share: of all operations, from 0 to 1.
    """

    name: str
    calls: int
    milliseconds: float
    share: float


class TraceSteps(pl.Callback):
    """Traces some steps of a training, and writes them to ``trace.json``.

    The first three steps are not among them, where the training has enough. Of several processes the main one is traced. The
    trace holds the operations of the CPU, the kernels of a CUDA GPU, and the shapes that they worked on.

    Args:
        path: of the trace file.
        steps: how many to trace.
        on_traced: called with the operations that cost most, the most costly first, and how many steps were traced.
        around: called with true before the traced steps and with false after them, so that another profiler can step aside.
            Not called where these are all steps of the training: the other would see none.

    Attributes:
        operations: those given to ``on_traced``; empty before.
    """

    def __init__(
        self,
        path: Path,
        steps: int = 5,
        on_traced: Callable[[Sequence[Operation], int], None] = lambda operations, steps: None,
        around: Callable[[bool], None] = lambda begins: None,
    ) -> None:
        if not isinstance(steps, int) or isinstance(steps, bool) or steps < 1:
            raise UserError(key="steps", value=steps, expected="a whole number, 1 or more")
        self.operations: list[Operation] = []
        self._path = path
        self._steps = steps
        self._on_traced = on_traced
        self._around = around
        self._profile: profile | None = None
        self._left = self._traced = 0
        self._skip: int | None = None
        self._is_alone = False

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Choose the steps."""
        datamodule: Any = trainer.datamodule  # type: ignore[attr-defined]
        epoch, batches = datamodule.position
        left = ((trainer.max_epochs or 0) - epoch) * int(trainer.num_training_batches) - batches
        self._left = self._traced = min(self._steps, left)
        self._is_alone = self._left < left
        self._skip = min(_SKIPPED, left - self._left) if trainer.is_global_zero and self._left > 0 else None

    def on_train_batch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule, batch: Any, batch_idx: int) -> None:
        """Begin to trace, where this is the first step of them."""
        if self._skip == 0 and self._profile is None:
            self._step_aside(True)
            os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # Else it writes to stderr that there is no GPU.
            self._profile = profile(activities=_activities(), record_shapes=True, schedule=_always)
            self._profile.start()

    def on_train_batch_end(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        """Count the step; end with the last of them."""
        if self._skip is None:
            return
        if self._profile is None:
            self._skip -= 1
            return
        self._left -= 1
        if self._left == 0:
            self._end()
        else:
            self._profile.step()

    def on_train_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """End with the training, where that was stopped early."""
        if self._profile is not None:
            self._traced -= self._left
            self._end()

    def on_exception(self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException) -> None:
        """Stop tracing; nothing is written."""
        if self._profile is not None:
            self._profile.stop()
            self._profile, self._skip = None, None
            self._step_aside(False)

    def _step_aside(self, begins: bool) -> None:
        if self._is_alone:
            self._around(begins)

    def _end(self) -> None:
        assert self._profile is not None
        if torch.cuda.is_available():
            torch.cuda.synchronize()  # The kernels of the last step belong to the trace.
        self._profile.stop()
        with atomic_path(self._path) as temporary:
            self._profile.export_chrome_trace(str(temporary))
        self.operations = costliest(self._profile)
        self._profile, self._skip = None, None
        self._step_aside(False)
        self._on_traced(self.operations, self._traced)


def costliest(traced: profile, most: int = _MOST) -> list[Operation]:
    """Return the operations that took most time by themselves, the most costly first."""
    events = traced.key_averages()
    on_device = any(event.self_device_time_total > 0 for event in events)
    times = [
        (event.self_device_time_total if on_device else event.self_cpu_time_total, event)
        for event in events
        if not event.key.startswith("ProfilerStep")
    ]
    total = sum(time for time, _ in times) or 1.0
    ordered = sorted(times, key=lambda pair: -pair[0])[:most]
    return [Operation(event.key, event.count, time / 1e3, time / total) for time, event in ordered if time > 0]


def _always(step: int) -> ProfilerAction:
    """Record every step; with a schedule, each has a mark of its own in the trace."""
    return ProfilerAction.RECORD


def _activities() -> list[ProfilerActivity]:
    return [ProfilerActivity.CPU, *([ProfilerActivity.CUDA] if torch.cuda.is_available() else [])]
