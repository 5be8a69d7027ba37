"""The hardware that a training runs on, and the precision that it uses there."""

from dataclasses import dataclass, replace
from typing import Annotated, Any

import torch

from zen_lightning.errors import UserError
from zen_lightning.system.schema import FLAG, Number
from zen_lightning.system.value_ranges import TEXT, AnyOf
from zen_lightning.system.value_types import Cores, Devices
from zen_lightning.training.compiling import read_mode

_SHORT = {
    **dict.fromkeys(("16", "fp16", "float16", "amp"), "16-mixed"),
    **dict.fromkeys(("bf16", "bfloat16"), "bf16-mixed"),
    **dict.fromkeys(("32", "fp32", "float32"), "32-true"),
    **dict.fromkeys(("64", "fp64", "float64", "double"), "64-true"),
}
"""Lightning's short names of formats, and those of other programs."""

_MOST = 2**16
"""Devices of a machine at most. A choice: beyond any machine."""

PRECISIONS = ("auto", "32-true", "16-mixed", "bf16-mixed", "16-true", "bf16-true", "64-true")


@dataclass(frozen=True)
class Machine:
    """The hardware that a training runs on, and how it is used.

    Attributes:
        accelerator: ``auto``, ``cpu``, ``gpu``, ``mps``, ... of Lightning.
        devices: how many on each machine, ``auto`` for all, or which.
        num_nodes: machines.
        strategy: ``auto``, ``ddp``, ... of Lightning.
        precision: ``32-true``, ``16-mixed``, ``bf16-mixed``, ``16-true``, ``bf16-true`` or ``64-true``; ``auto``: on a CUDA GPU
            that trains, ``bf16-mixed`` (``16-mixed`` where the GPU has no bfloat16, before Ampere), else ``32-true``. As in
            Lightning, 16, ``bf16``, 32 and 64 are ``16-mixed``, ``bf16-mixed``, ``32-true`` and ``64-true``; so are ``fp16``
            and ``float16``, ``bfloat16``, ``fp32`` and ``float32``, and ``float64``.
        sync_batchnorm: whether batch norms see the images of all processes.
        deterministic: whether only deterministic algorithms are used, where there are some.
        channels_last: whether weights, images and feature maps lie channels last in memory; it is faster.
        compile: how training passes are compiled by ``torch.compile``: ``off``, ``default``, ``reduce-overhead`` (with CUDA
            graphs) or ``max-autotune``; true and false are ``default`` and ``off``.
        benchmark: whether cuDNN looks for the fastest algorithms; None: on a CUDA GPU that trains, unless ``deterministic``.
        process_group_backend: over which several processes communicate, ``nccl`` or ``gloo``; None: NCCL for GPUs.
    """

    accelerator: str = "auto"
    devices: Devices = 1
    num_nodes: Cores = 1
    strategy: str = "auto"
    precision: Annotated[Any, AnyOf((Number(16, 64, whole=True), TEXT))] = "auto"
    sync_batchnorm: bool = False
    deterministic: bool = False
    channels_last: bool = True
    compile: Annotated[Any, AnyOf((TEXT, FLAG))] = "off"
    benchmark: bool | None = None
    process_group_backend: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "precision", _SHORT.get(str(self.precision).lower(), self.precision))
        if self.precision not in PRECISIONS:
            raise UserError(key="precision", value=self.precision, choices=PRECISIONS)
        if any(word in self.strategy for word in ("spawn", "fork", "notebook")):
            what = "its processes have no command of their own"
            raise UserError(what, key="strategy", value=self.strategy, remedy="choose ddp")
        if not isinstance(self.num_nodes, int) or self.num_nodes < 1:
            raise UserError(key="num_nodes", value=self.num_nodes, expected="1 or more")
        if not _names_devices(self.devices):
            expected = "a number from 1, auto for all, or a list of device numbers such as [0,1]"
            raise UserError(key="devices", value=self.devices, expected=expected)
        object.__setattr__(self, "compile", read_mode(self.compile))

    @property
    def on_cuda(self) -> bool:
        """Whether it is a CUDA GPU."""
        return self.accelerator in ("auto", "gpu", "cuda") and torch.cuda.is_available()

    @property
    def on_cpu(self) -> bool:
        """Whether it is the CPU."""
        return self.accelerator == "cpu" or (self.accelerator == "auto" and not torch.cuda.is_available())


def _names_devices(devices: Any) -> bool:
    """Whether a value is a number of devices, ``auto``, or which ones."""
    if isinstance(devices, list | tuple):
        return bool(devices) and all(type(one) is int and 0 <= one < _MOST for one in devices)
    if isinstance(devices, str):
        return devices == "auto" or all(part.strip().lstrip("-").isdecimal() for part in devices.rstrip(",").split(","))
    return type(devices) is int and (devices == -1 or 0 < devices < _MOST)


def settled(machine: Machine, training: bool) -> Machine:
    """Return the machine with ``precision`` and ``benchmark`` chosen where they were left open.

    Only a training on a CUDA GPU takes the fast formats; measuring a finished network takes ``32-true``.

    Args:
        machine: as asked for; explicit values are kept.
        training: whether it trains.
    """
    fast = training and machine.on_cuda
    half = "bf16-mixed" if fast and torch.cuda.is_bf16_supported(including_emulation=False) else "16-mixed"
    precision = machine.precision if machine.precision != "auto" else half if fast else "32-true"
    benchmark = machine.benchmark if machine.benchmark is not None else fast
    return replace(machine, precision=precision, benchmark=benchmark and not machine.deterministic)


def choose_matmuls(machine: Machine) -> bool:
    """Let matrix products of float32 use TensorFloat-32, unless the precision asks for plain float32 or more.

    Args:
        machine: as asked for, before :func:`settled`.

    Returns:
        whether they do now. (cuDNN's convolutions use TF32 by PyTorch's own default.)
    """
    if not machine.on_cuda or machine.precision in ("32-true", "64-true"):
        return False
    torch.set_float32_matmul_precision("high")
    return True


def choices(machine: Machine) -> str:
    """Return a line on what was chosen for a GPU; empty if nothing was.

    Args:
        machine: as asked for, before :func:`settled`.
    """
    if not machine.on_cuda or machine.precision != "auto":
        return ""
    now = settled(machine, training=True)
    parts = [f"precision={now.precision}", "TF32"]
    parts += ["cuDNN benchmark"] if now.benchmark else []
    parts += ["channels last"] if now.channels_last else []
    return f"on this GPU: {', '.join(parts)}"
