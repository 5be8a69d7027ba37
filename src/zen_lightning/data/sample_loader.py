"""The loader of images that this process reads, or processes of its own."""

from typing import Any, Literal

import torch
from torch.utils.data import DataLoader

from zen_lightning.data.batch import RawBatch
from zen_lightning.data.broken_connections import leave_out_broken_connections
from zen_lightning.data.samples import SeededSamples
from zen_lightning.data.worker import naming_dead_workers, signals_blocked, start_worker
from zen_lightning.system.limits import require_processes
from zen_lightning.system.tracker import start_tracker

StartMethod = Literal["fork", "spawn", "forkserver"]

_THREADS = 5
"""Threads of a process that reads images, measured: its own, two that look for its parent, two of queues and of torch."""


class SampleLoader(DataLoader[RawBatch]):
    """A loader whose workers are born with signals blocked: some libraries start threads in them before they run a line."""

    def _get_iterator(self) -> Any:
        if self.num_workers:
            require_processes(self.num_workers, _THREADS)
            start_tracker()
            leave_out_broken_connections()
        with signals_blocked():
            iterator: Any = super()._get_iterator()
        if self.num_workers:
            iterator._next_data = naming_dead_workers(iterator._next_data, iterator._workers)
        return iterator


def sample_loader(
    samples: SeededSamples,
    batch_size: int,
    seed: int,
    *,
    workers: int,
    prefetch: int,
    start_method: StartMethod | None,
    pinned: bool,
    **options: Any,
) -> SampleLoader:
    """Return a loader of samples.

    Args:
        samples: the images.
        batch_size: images of a batch.
        seed: of what the loader draws itself.
        workers: processes that read; 0: this one does.
        prefetch: batches that each reads ahead.
        start_method: how they are started; None: Python's own choice.
        pinned: whether batches lie in memory that a GPU copies from quickly.
        options: others of :class:`torch.utils.data.DataLoader`, such as ``sampler``.
    """
    if workers:
        options |= {
            "worker_init_fn": start_worker,
            "persistent_workers": True,
            "prefetch_factor": prefetch,
            "multiprocessing_context": start_method,
        }
    # A generator of its own: a loader draws from it when an epoch begins, which must not change what training draws.
    generator = torch.Generator().manual_seed(seed)
    return SampleLoader(samples, batch_size, num_workers=workers, pin_memory=pinned, generator=generator, **options)
