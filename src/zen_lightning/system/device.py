"""The names of devices, checked without importing torch."""

import re

from zen_lightning.errors import UserError

_DEVICE = re.compile(r"cpu|mps|cuda(:\d+)?")


def check_device(device: str, what: str) -> None:
    """Raise a UserError unless ``device`` is the name of a device; whether it is there is torch's to say.

    Args:
        device: as a user wrote it.
        what: how the error begins.

    Example:
        >>> check_device("cuda:0", "device=")
    """
    if not _DEVICE.fullmatch(device):
        raise UserError(f"{what}{device!r}: expected cpu, cuda, cuda:0, ... or mps")
