"""Whether torch finds a device on this machine."""

import torch

from zen_lightning.errors import UserError
from zen_lightning.system.device import check_device


def require_device(device: str) -> None:
    """Raise a UserError where a text is no name of a device, or torch does not find the device here.

    Example:
        >>> require_device("cpu")
    """
    check_device(device)
    kind, _, number = device.partition(":")
    if kind == "cuda":
        count = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if not count:
            remedy = "use {device}=cpu, or run this where the GPU is"
            raise UserError("PyTorch finds no CUDA GPU here", key="device", value=device, remedy=remedy)
        if len(number) > len(str(count)) or int(number or 0) >= count:
            raise UserError(f"there are {count} GPUs here, counted from cuda:0", key="device", value=device)
    if device == "mps" and not torch.backends.mps.is_available():
        raise UserError("PyTorch finds no Apple GPU here", key="device", value="mps", remedy="use {device}=cpu")
