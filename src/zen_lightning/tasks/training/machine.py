"""What a training runs on, from the configuration: trainer, processes, and when it ends early."""

from dataclasses import fields, replace

import pytorch_lightning as pl
from omegaconf import DictConfig, OmegaConf

from zen_lightning.config import make
from zen_lightning.config.schema import TrainerConfig
from zen_lightning.errors import UserError, keyed
from zen_lightning.runs.command import NO_COMMAND, Command
from zen_lightning.system.annotations import fields_of
from zen_lightning.system.processes import check_launched, launched
from zen_lightning.system.value_checks import check_fields
from zen_lightning.training.early_stopping import EarlyStopping
from zen_lightning.training.lightning_internals import SubprocessLauncher
from zen_lightning.training.strategy import devices_on_machine
from zen_lightning.training.trainer import Machine

_OWN_KEYS = (*fields_of(TrainerConfig), "early_stopping")
_STOPPING = "trainer.early_stopping"


def read_machine(config: DictConfig, command: Command = NO_COMMAND) -> Machine:
    """Return what a training runs on; for several processes, ``trainer.strategy=auto`` is ``ddp``.

    Raises:
        UserError: a value that cannot be used, or processes that were started from outside (torchrun, SLURM) without
            ``output_dir``, or others than ``trainer.devices`` and ``trainer.num_nodes`` ask for.
    """
    node = OmegaConf.to_container(config.trainer, resolve=True)
    assert isinstance(node, dict)
    own = {str(key): value for key, value in node.items() if key in fields_of(TrainerConfig)}
    with keyed("trainer"):
        check_fields(TrainerConfig(**own))
    read_early_stopping(config)
    machine = make(Machine, {str(key): value for key, value in node.items() if key not in _OWN_KEYS}, "trainer")
    _check_processes(machine, command)
    devices = devices_on_machine(machine.accelerator, machine.devices)
    if machine.strategy == "auto" and (devices or 1) * machine.num_nodes > 1:
        # Lightning would choose DDP too, but with its defaults: see zen_lightning.training.trainer.
        return replace(machine, strategy="ddp")
    return machine


def read_early_stopping(config: DictConfig) -> EarlyStopping | None:
    """Return when a training ends early; None where it does not. ``trainer.early_stopping=5`` is its patience.

    Raises:
        UserError: a value that cannot be used, or one that has no effect because there is no patience.
    """
    node = config.trainer.get("early_stopping")
    node = OmegaConf.to_container(node, resolve=True) if isinstance(node, DictConfig) else node
    if isinstance(node, int) and not isinstance(node, bool):
        node = {"patience": node}
    if not isinstance(node, dict | None):
        expected = "a number of validations, or its keys, such as trainer.early_stopping.patience=10"
        raise UserError(key=_STOPPING, value=node, expected=expected)
    given = {str(key): value for key, value in (node or {}).items()}
    if given.get("patience") is not None:
        return make(EarlyStopping, given, _STOPPING)
    make(EarlyStopping, {**given, "patience": 1}, _STOPPING)  # Raises.
    usual = {field.name: field.default for field in fields(EarlyStopping)}
    changed = next((name for name, value in given.items() if name != "patience" and value != usual[name]), None)
    if changed is not None:
        what, remedy = "it has no effect without {patience}", "give {patience}=N, validations without improvement"
        with keyed(_STOPPING):
            raise UserError(what, key=changed, value=given[changed], remedy=remedy, involves=["patience"])
    return None


def _check_processes(machine: Machine, command: Command) -> None:
    """Raise a UserError unless the processes that were started from outside are those asked for, and have one folder."""
    devices, outside = devices_on_machine(machine.accelerator, machine.devices), launched()
    count = max(outside.processes if outside is not None else 1, (devices or 1) * machine.num_nodes)
    folder = "" if count == 1 or "output_dir" in command.keys else "give output_dir=DIR, the same for all"
    try:
        if devices is not None:
            with keyed("trainer"):
                check_launched(devices, machine.num_nodes)
    except UserError as error:
        if not folder:
            raise
        what = f"{error}. They share a run directory: {folder}"
        raise UserError(what, key=error.key, involves=[*error.involves, "output_dir"]) from error
    if folder and outside is not None and outside.processes > 1:
        what = "several processes were started from outside (torchrun or SLURM), and each would make a run directory of its own"
        raise UserError(what, key="output_dir", remedy=folder)


def check_sweep(trainer: pl.Trainer, command: Command = NO_COMMAND) -> None:
    """Raise a UserError where this is a job of a sweep, and the trainer would start processes beside this one."""
    starts = isinstance(trainer.strategy.launcher, SubprocessLauncher) and trainer.num_devices > 1
    if starts and command.sweep is not None:
        raise UserError(
            f"-m with trainer.devices={trainer.num_devices}: each process that the strategy starts would start the whole sweep "
            "again. Train the runs one after another without -m, or each on one device",
            key="trainer.devices",
        )
