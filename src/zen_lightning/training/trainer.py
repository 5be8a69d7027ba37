"""The Lightning trainer, as this project sets it up."""

import logging
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from lightning_fabric.utilities.exceptions import MisconfigurationException
from pytorch_lightning.strategies import DDPStrategy, Strategy

from zen_lightning.errors import UserError
from zen_lightning.training.checkpoint_io import AtomicCheckpointIO
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.strategy import cluster_environment, ddp_options, lightning_devices
from zen_lightning.training.sync_batch_norm import CpuLayerSync

_DDP = {"ddp": False, "ddp_find_unused_parameters_false": False, "ddp_find_unused_parameters_true": True}
"""Lightning's names of DDP with processes of their own, and whether it looks for parameters without gradients."""

PRECISIONS = ("32-true", "16-mixed", "bf16-mixed", "16-true", "bf16-true", "64-true")


@dataclass(frozen=True)
class Machine:
    """What a run runs on, and how.

    Attributes:
        accelerator: ``auto``, ``cpu``, ``gpu``, ``mps``, ... of Lightning.
        devices: how many on each machine, ``auto`` for all, or which.
        num_nodes: machines.
        strategy: ``auto``, ``ddp``, ... of Lightning.
        precision: ``32-true``, ``16-mixed``, ``bf16-mixed``, ``16-true``, ``bf16-true`` or ``64-true``.
        sync_batchnorm: whether batch norms see the images of all processes.
        deterministic: whether only deterministic algorithms are used, where there are some.
        channels_last: whether weights lie channels last in memory, and so what they make of images; it is faster.
        compile: whether the network is compiled by ``torch.compile``.
        benchmark: whether cuDNN looks for the fastest algorithm; None leaves it to Lightning.
        process_group_backend: by which several processes speak to each other, ``nccl`` or ``gloo``; None: NCCL for GPUs.
    """

    accelerator: str = "auto"
    devices: Any = 1
    num_nodes: int = 1
    strategy: str = "auto"
    precision: str = "32-true"
    sync_batchnorm: bool = False
    deterministic: bool = False
    channels_last: bool = True
    compile: bool = False
    benchmark: bool | None = None
    process_group_backend: str | None = None

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise UserError(f"trainer.precision={self.precision}: choose one of {', '.join(PRECISIONS)}")
        if any(word in self.strategy for word in ("spawn", "fork", "notebook")):
            raise UserError(f"trainer.strategy={self.strategy}: its processes have no command of their own; choose ddp")
        if not isinstance(self.num_nodes, int) or self.num_nodes < 1:
            raise UserError(f"trainer.num_nodes={self.num_nodes}: expected 1 or more")


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
        recipe: epochs, accumulation and clipping; None for a trainer that only validates.
        folder: of the run.
        callbacks: of Lightning.
        loggers: likewise.
        validate_every: epochs between two validations.
        val_batches: of a validation, at most; None: all.
        profiler: of Lightning.

    Raises:
        UserError: the machine has not what is asked for.
    """
    quiet()
    on_cpu = machine.accelerator == "cpu" or (machine.accelerator == "auto" and not torch.cuda.is_available())
    plugins: list[Any] = [AtomicCheckpointIO()]
    environment = cluster_environment()
    if environment is not None:
        plugins.append(environment)
    if machine.sync_batchnorm and on_cpu:
        plugins.append(CpuLayerSync())
    strategy = _strategy(machine)
    try:
        return pl.Trainer(
            accelerator=machine.accelerator,
            devices=lightning_devices(machine.devices),
            num_nodes=machine.num_nodes,
            strategy=strategy,
            precision=machine.precision,  # type: ignore[arg-type]
            sync_batchnorm=machine.sync_batchnorm and not on_cpu,
            deterministic="warn" if machine.deterministic and not on_cpu else machine.deterministic,
            benchmark=False if machine.deterministic else machine.benchmark,
            max_epochs=recipe.epochs if recipe else 1,
            accumulate_grad_batches=recipe.accumulate if recipe else 1,
            gradient_clip_val=recipe.clip_norm if recipe else None,
            check_val_every_n_epoch=validate_every,
            limit_val_batches=val_batches,
            profiler=profiler,
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
    except (MisconfigurationException, ValueError) as error:
        asked = (
            f"trainer.accelerator={machine.accelerator} trainer.devices={machine.devices} trainer.strategy={machine.strategy}"
        )
        raise UserError(f"{asked}: {str(error).splitlines()[0]}") from error


def _strategy(machine: Machine) -> Strategy | str:
    options = ddp_options(machine.devices, machine.process_group_backend)
    if machine.strategy in _DDP and options:
        return DDPStrategy(find_unused_parameters=_DDP[machine.strategy], **options)
    if options:
        raise UserError(f"trainer.process_group_backend={machine.process_group_backend}: it needs trainer.strategy=ddp")
    return machine.strategy


def quiet() -> None:
    """Leave out what Lightning says of itself, and advice that does not apply here."""
    for name in ("pytorch_lightning", "lightning_fabric", "lightning.pytorch", "lightning.fabric"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for message in (
        ".*does not have many workers.*",
        ".*is smaller than the logging interval.*",
        ".*The `srun` command is available.*",
        ".*Trying to infer the `batch_size`.*",
        ".*isinstance.treespec, LeafSpec.*",
        ".*CUDA initialization.*",
        ".*sync_dist=True.*",  # What is logged is the same in all processes.
        ".*GPU available but not used.*",
        ".*You're resuming from a checkpoint that ended before the epoch ended.*",
    ):
        warnings.filterwarnings("ignore", message)
