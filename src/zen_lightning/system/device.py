"""The names of devices, checked without importing torch."""

import re

from zen_lightning.errors import UserError

_DEVICE = re.compile(r"cpu|mps|cuda(:\d+)?")


def check_device(device: str, key: str = "device") -> None:
    """Raise a UserError unless ``device`` is the name of a device. Whether the machine has it is not checked.

    Args:
        device: the name, as a user wrote it.
        key: name of the parameter, for the error.

    Example:
        >>> check_device("cuda:0")
    """
    if not _DEVICE.fullmatch(device):
        raise UserError(key=key, value=device, expected="cpu, cuda, cuda:0, ... or mps")
