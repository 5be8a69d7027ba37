"""How fast a training goes: images per second, the share of the time that it waits for data, and the memory that it takes."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pytorch_lightning as pl
import torch
from pytorch_lightning.profilers import PassThroughProfiler, Profiler

from zen_lightning.system.peak_memory import peak_process_memory
from zen_lightning.training.agreement import Agreement

RATE, WAIT, MEMORY = "images_per_second", "data_wait", "peak_memory_mb"
"""What a row of ``history.csv`` says of an epoch: training images per second over all processes, validation left out; percent
of that time in which the loop waits for its next batch; the highest memory so far, in 10^6 bytes."""

_FETCH = "train_dataloader_next"
"""How the name ends under which Lightning's training loop reports to a profiler that it fetches a batch."""


class Counts(NamedTuple):
    """Training so far.

    Attributes:
        images: of this process.
        seconds: of training steps.
        waited: seconds of these in which the loop waited for a batch.
    """

    images: int = 0
    seconds: float = 0.0
    waited: float = 0.0

    def since(self, before: "Counts") -> "Counts":
        """Return what has come after some earlier counts."""
        return Counts(self.images - before.images, self.seconds - before.seconds, self.waited - before.waited)

    def rates(self, processes: int = 1) -> dict[str, float]:
        """Return images per second of all processes, and the percentage of waiting; nothing where no time has passed.

        Example:
            >>> Counts(images=100, seconds=2.0, waited=0.5).rates(processes=2)
            {'images_per_second': 100.0, 'data_wait': 25.0}
        """
        if self.seconds <= 0:
            return {}
        share = 100 * min(1.0, max(0.0, self.waited / self.seconds))
        return {RATE: round(self.images * processes / self.seconds, 2), WAIT: round(share, 2)}


class FetchClock(PassThroughProfiler):
    """Takes the time of fetching training batches: Lightning tells its profiler when it begins and ends.

    Args:
        inner: another profiler, which is told everything; None for none.

    Attributes:
        waited: seconds so far.
    """

    def __init__(self, inner: Profiler | None = None) -> None:
        super().__init__()
        self.waited = 0.0
        self._began = 0.0
        self._inner = inner or _NoProfiler()
        self.profile = self._inner.profile  # type: ignore[method-assign]  # Lightning asks for it a hundred times a step.

    def start(self, action_name: str) -> None:
        """Begin an action."""
        self._inner.start(action_name)
        if action_name.endswith(_FETCH):
            self._began = time.perf_counter()

    def stop(self, action_name: str) -> None:
        """End it."""
        if action_name.endswith(_FETCH):
            self.waited += time.perf_counter() - self._began
        self._inner.stop(action_name)

    def summary(self) -> str:
        """Return what the other profiler found."""
        return self._inner.summary()

    def setup(self, stage: str, local_rank: int | None = None, log_dir: str | None = None) -> None:
        """Prepare the other profiler."""
        self._inner.setup(stage, local_rank, log_dir)

    def describe(self) -> None:
        """Let the other profiler write what it found."""
        self._inner.describe()

    def teardown(self, stage: str | None) -> None:
        """Close the other profiler."""
        self._inner.teardown(stage)


class _NoProfiler(PassThroughProfiler):
    """Profiles nothing, at no cost."""

    def profile(self, action_name: str) -> Any:
        return _NOTHING


class _Nothing:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


_NOTHING = _Nothing()


class Pace(pl.Callback):
    """Counts images, time and waiting. A step costs some microseconds, and only the end of an epoch waits for the device.

    In the list of callbacks it comes before those that save: a checkpoint counts the batch after which it is written.

    Args:
        agreement: of several processes. A row has the time of the slowest, the longest waiting and the most memory of one.

    Attributes:
        processes: that train.
    """

    def __init__(self, agreement: Agreement | None = None) -> None:
        self.processes = 1
        self._agreement = agreement or Agreement()
        self._clock: FetchClock | None = None
        self._total = Counts()
        self._epoch_began = Counts()
        self._logged = Counts()
        self._batch = 0
        self._step = 0
        self._began: float | None = None
        self._waited = 0.0

    def counts(self) -> Counts:
        """Return what this process has done so far, the steps under way included."""
        if self._began is None:
            return self._total
        waited = 0.0 if self._clock is None else self._clock.waited - self._waited
        return self._total._replace(
            seconds=self._total.seconds + time.perf_counter() - self._began, waited=self._total.waited + waited
        )

    def on_train_start(self, trainer: pl.Trainer, pl_module: Any) -> None:
        """Start the clock."""
        self.processes = int(trainer.world_size)
        self._clock = trainer.profiler if isinstance(trainer.profiler, FetchClock) else None  # type: ignore[attr-defined]
        self._batch = int(pl_module.recipe.batch_size)
        self._begin()

    def on_train_epoch_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin an epoch."""
        self._end(None)
        self._epoch_began = self._total
        self._begin()

    def on_train_batch_end(self, trainer: pl.Trainer, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Count a batch; give the loggers what came since they were last told, at the steps that they log."""
        self._total = self._total._replace(images=self._total.images + self._batch)
        if not trainer.loggers or trainer.global_step == self._step:
            return
        if not trainer.global_step % (int(trainer.log_every_n_steps) or 1):  # type: ignore[attr-defined]
            self._step, now = trainer.global_step, self.counts()
            pl_module.step_values |= now.since(self._logged).rates(self.processes)
            self._logged = now

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Stop the clock: validation is not training."""
        self._end(trainer)

    def row(self, trainer: pl.Trainer) -> dict[str, float]:
        """Return what there is to say of an epoch that has ended; every process calls this."""
        self._end(trainer)
        images, *mine = self._total.since(self._epoch_began)
        memory = peak_memory(trainer.strategy.root_device)
        seconds, waited, most = self._agreement.largest(*mine, memory or 0.0)
        self._epoch_began = self._total
        found = Counts(images, seconds, waited).rates(self.processes)
        return {**found, MEMORY: round(most, 1)} if most else found

    def state_dict(self) -> dict[str, Any]:
        """Return the counts of the epoch so far."""
        return self.counts().since(self._epoch_began)._asdict()

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue them."""
        self._total = Counts(**state_dict)
        self._logged = self._total

    def _begin(self) -> None:
        self._began = time.perf_counter()
        self._waited = 0.0 if self._clock is None else self._clock.waited

    def _end(self, trainer: pl.Trainer | None) -> None:
        if self._began is None:
            return
        if trainer is not None and trainer.strategy.root_device.type == "cuda":
            torch.cuda.synchronize(trainer.strategy.root_device)  # Its steps are enqueued, not done.
        self._total, self._began = self.counts(), None


def peak_memory(device: torch.device) -> float | None:
    """Return the highest memory so far in 10^6 bytes; None where it is unknown.

    Of a CUDA GPU it is what PyTorch has reserved there; else the memory of this process, loader processes not included.
    """
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved(device) / 1e6
    if device.type == "mps":
        return torch.mps.driver_allocated_memory() / 1e6
    peak = peak_process_memory()
    return None if peak is None else peak / 1e6


def overall(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the figures of a whole training; empty where no row has any.

    Args:
        rows: the rows of ``history.csv``; those of earlier releases have no such columns, and are left out.

    Example:
        >>> overall([{"epoch": 1}, {RATE: 100.0, WAIT: 0.0, MEMORY: 5.0}, {RATE: 300.0, WAIT: 40.0, MEMORY: 9.0}])
        {'images_per_second': 150.0, 'data_wait': 10.0, 'peak_memory_mb': 9.0}
    """
    timed = [row for row in rows if row.get(RATE)]
    if not timed:
        return {}
    spent = [1 / row[RATE] for row in timed]  # Every epoch has as many images.
    waited = sum(row.get(WAIT, 0.0) * time for row, time in zip(timed, spent, strict=True)) / sum(spent)
    memory = max(row.get(MEMORY, 0.0) for row in timed)
    found = {RATE: round(len(timed) / sum(spent), 2), WAIT: round(waited, 2)}
    return {**found, MEMORY: memory} if memory else found
