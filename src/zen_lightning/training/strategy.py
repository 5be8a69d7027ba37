"""The strategy of a training: how its processes are started, and how they communicate."""

from typing import Any

import torch
from lightning_fabric.plugins.environments.cluster_environment import ClusterEnvironment
from lightning_fabric.plugins.environments.slurm import SLURMEnvironment
from lightning_fabric.plugins.environments.torchelastic import TorchElasticEnvironment

from zen_lightning.errors import UserError
from zen_lightning.system.processes import launched
from zen_lightning.training.machine import Machine

BACKENDS = ("nccl", "gloo")


def cluster_environment() -> ClusterEnvironment | None:
    """Return what Lightning is told of SLURM; None where it finds out by itself.

    torchrun comes first, also below SLURM: its processes have ranks of their own, and SLURM's are those of torchrun.
    """
    if TorchElasticEnvironment.detect() or not SLURMEnvironment.detect():
        return None
    # Ours saves between two steps, and asks to be requeued by its exit code.
    return SLURMEnvironment(auto_requeue=False)


def devices_on_machine(accelerator: str, devices: Any) -> int | None:
    """Return how many devices ``Machine.devices`` means on this machine; None where Lightning has to say so.

    Example:
        >>> devices_on_machine("cpu", 2), devices_on_machine("cpu", "auto"), devices_on_machine("gpu", [0, 3])
        (2, 1, 2)
    """
    if isinstance(devices, list | tuple):
        return len(devices)
    if isinstance(devices, str) and "," in devices:
        return len([one for one in devices.split(",") if one.strip()])
    if isinstance(devices, str) and devices.strip().lstrip("-").isdecimal():
        devices = int(devices)
    if isinstance(devices, int) and not isinstance(devices, bool) and devices > 0:
        return devices
    if devices not in ("auto", -1):
        return None
    if accelerator in ("gpu", "cuda", "auto") and torch.cuda.is_available():
        return torch.cuda.device_count()
    return 1 if accelerator in ("cpu", "auto", "mps") else None


def processes_of(machine: Machine) -> int:
    """Return how many processes train together, as far as that is known before they start; else 1."""
    outside = launched()
    if outside is not None:
        return outside.processes
    return (devices_on_machine(machine.accelerator, machine.devices) or 1) * machine.num_nodes


def ddp_options(devices: Any, backend: str | None) -> dict[str, Any]:
    """Return the options of Lightning's DDP strategy that say how the processes communicate.

    Args:
        devices: as ``Machine.devices``. A list that names a GPU twice has two processes share it, which Lightning refuses and
            NCCL cannot do: it is for trying out several processes where there is one GPU, over gloo.
        backend: over which the processes communicate; None: NCCL for GPUs, gloo for CPUs.

    Raises:
        UserError: a backend that there is not, or that the devices cannot have.
    """
    if backend is not None and backend not in BACKENDS:
        raise UserError(key="process_group_backend", value=backend, choices=BACKENDS)
    if not _shared(devices):
        return {} if backend is None else {"process_group_backend": backend}
    if backend != "gloo":
        raise UserError(
            "processes that share a GPU cannot communicate over NCCL",
            key="devices",
            value=devices,
            remedy="also give {process_group_backend}=gloo",
            involves=["process_group_backend"],
        )
    return {"parallel_devices": [torch.device("cuda", index) for index in devices], "process_group_backend": backend}


def lightning_devices(devices: Any) -> Any:
    """Return the devices as Lightning takes them, which wants to see each GPU once."""
    return sorted(set(devices)) if _shared(devices) else devices


def _shared(devices: Any) -> bool:
    return isinstance(devices, list | tuple) and len(set(devices)) < len(devices)
