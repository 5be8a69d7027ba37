"""The Lightning trainer, as this project sets it up."""

import logging
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from lightning_fabric.utilities.exceptions import MisconfigurationException
from pytorch_lightning.strategies import DDPStrategy, Strategy

from zen_lightning.errors import UserError, first_line
from zen_lightning.training.checkpoint_io import BackgroundCheckpointIO
from zen_lightning.training.compiling import training_mode
from zen_lightning.training.lightning_internals import never_broadcast_sigterm
from zen_lightning.training.machine import Machine, choose_matmuls, settled
from zen_lightning.training.pace import FetchClock
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.strategy import cluster_environment, ddp_options, lightning_devices

__all__ = ["Machine", "make_trainer", "quiet"]

_DDP = {"ddp": False, "ddp_find_unused_parameters_false": False, "ddp_find_unused_parameters_true": True}
"""Lightning's names of DDP with processes of their own, and whether it looks for parameters without gradients."""


def make_trainer(
    machine: Machine,
    recipe: Recipe | None,
    folder: Path,
    callbacks: Sequence[pl.Callback] = (),
    loggers: Sequence[Any] = (),
    validate_every: int = 1,
    val_batches: int | None = None,
    profiler: Any = None,
) -> pl.Trainer:
    """Return a trainer.

    Args:
        machine: what it runs on.
        recipe: gives epochs, accumulation and clipping; None for a trainer that only validates.
        folder: where the run writes its files.
        callbacks: Lightning callbacks.
        loggers: Lightning loggers.
        validate_every: epochs between two validations.
        val_batches: batches of a validation at most; None: all.
        profiler: a Lightning profiler.

    Raises:
        UserError: the machine does not have what is asked for.
    """
    quiet()
    if recipe:
        choose_matmuls(machine)
        training_mode(machine.compile, recipe.accumulate)  # Raises.
    machine, on_cpu = settled(machine, training=recipe is not None), machine.on_cpu
    plugins: list[Any] = [BackgroundCheckpointIO()]
    environment = cluster_environment()
    if environment is not None:
        plugins.append(environment)
    if machine.sync_batchnorm and on_cpu:
        from zen_lightning.training.sync_batch_norm import CpuLayerSync

        plugins.append(CpuLayerSync())
    strategy = _strategy(machine)
    devices = lightning_devices(machine.devices)
    if on_cpu and devices != "auto" and not (str(devices).isdecimal() and int(devices) > 0):
        raise UserError(key="devices", value=machine.devices, expected="a number of processes, as a CPU has no device numbers")
    try:
        trainer = pl.Trainer(
            accelerator=machine.accelerator,
            devices=devices,
            num_nodes=machine.num_nodes,
            strategy=strategy,
            precision=machine.precision,
            sync_batchnorm=machine.sync_batchnorm and not on_cpu,
            deterministic="warn" if machine.deterministic and not on_cpu else machine.deterministic,
            benchmark=machine.benchmark,
            max_epochs=recipe.epochs if recipe else 1,
            accumulate_grad_batches=recipe.accumulate if recipe else 1,
            gradient_clip_val=recipe.clip_norm if recipe else None,
            check_val_every_n_epoch=validate_every,
            limit_val_batches=val_batches,
            profiler=FetchClock(profiler),
            callbacks=list(callbacks),
            logger=list(loggers) if loggers else False,
            plugins=plugins,
            default_root_dir=folder,
            use_distributed_sampler=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            num_sanity_val_steps=0,
            enable_checkpointing=recipe is not None,
        )
    except (MisconfigurationException, ValueError, ImportError, RuntimeError) as error:
        if machine.accelerator in ("gpu", "cuda") and not torch.cuda.is_available():
            remedy = "use {accelerator}=cpu"
            raise UserError("PyTorch finds no GPU here", key="accelerator", value=machine.accelerator, remedy=remedy) from error
        names = ("accelerator", "devices", "strategy")
        asked = " ".join(f"{{{name}}}={getattr(machine, name)}" for name in names)
        raise UserError(f"{asked}: {first_line(error)}", involves=names) from error
    never_broadcast_sigterm(trainer)  # Agreement asks, rarely.
    return trainer


def _strategy(machine: Machine) -> Strategy | str:
    """Return DDP without its broadcast of batch norms' statistics at every step: they are shared when they are first read.

    See :func:`zen_lightning.training.shared_buffers.share_buffers`.
    """
    options = ddp_options(machine.devices, machine.process_group_backend)
    if machine.strategy in _DDP:
        return DDPStrategy(broadcast_buffers=False, find_unused_parameters=_DDP[machine.strategy], **options)
    if options:
        backend = machine.process_group_backend
        raise UserError("it needs {strategy}=ddp", key="process_group_backend", value=backend, involves=["strategy"])
    return machine.strategy


def quiet() -> None:
    """Silence what Lightning prints about itself, and advice that does not apply here."""
    for name in ("pytorch_lightning", "lightning_fabric", "lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for message in (
        ".*does not have many workers.*",
        ".*is smaller than the logging interval.*",
        ".*The `srun` command is available.*",
        ".*Trying to infer the `batch_size`.*",
        ".*isinstance.treespec, LeafSpec.*",
        ".*CUDA initialization.*",
        ".*broadcast_buffers. is deprecated.*",  # Its successor is newer than the oldest PyTorch that this runs on.
        ".*sync_dist=True.*",  # What is logged is the same in all processes.
        ".*GPU available but not used.*",
        ".*You're resuming from a checkpoint that ended before the epoch ended.*",
    ):
        warnings.filterwarnings("ignore", message)
