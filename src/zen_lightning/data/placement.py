"""Where the images of a training live: on the device, or with the processes that read them."""

from collections.abc import Callable
from typing import NamedTuple

import torch

from zen_lightning.data.augmentation import Augmentation
from zen_lightning.data.batched.images import BYTES, DeviceImages, UnevenImagesError
from zen_lightning.data.geometry import resize_shorter
from zen_lightning.data.pixels import Pixels, pixels_of
from zen_lightning.data.source import Images
from zen_lightning.data.transforms import EvalTransform
from zen_lightning.system.memory import available_memory
from zen_lightning.system.numbers import megabytes

_SHARE = 0.5
"""Share of a device's free memory that images may take at most. A choice: the rest is for the training."""


class Placement(NamedTuple):
    """Where images live.

    Attributes:
        name: ``cpu`` or ``device``.
        reason: a sentence, where it is not what was asked for; else empty.
    """

    name: str
    reason: str = ""


def placed(
    asked: str, images: Images, kept: Callable[[Pixels], Pixels], device: torch.device
) -> tuple[Placement, DeviceImages | None]:
    """Return where images live; and the images, where that is the device.

    It is where that is asked for, all of them have one size, and half of its free memory is left.

    Args:
        asked: ``cpu`` or ``device``.
        images: the images.
        kept: how each is scaled before it is kept.
        device: the device of the training.

    Raises:
        UserError: an image cannot be read.
    """
    if asked == "cpu":
        return Placement("cpu"), None
    height, width = kept(pixels_of(images, 0)).shape[:2]
    needed, free = len(images) * height * width * BYTES, free_memory(device)
    if free is not None and needed > _SHARE * free:
        what = f"they take {megabytes(needed)}, more than half of the {megabytes(free)} that are free on {device}"
        return Placement("cpu", _stay(what)), None
    try:
        return Placement("device"), DeviceImages(images, kept, device)
    except UnevenImagesError as error:
        return Placement("cpu", _stay(str(error))), None
    except torch.OutOfMemoryError:
        return Placement("cpu", _stay(f"they take {megabytes(needed)}, which {device} could not give")), None


def kept_for(augmentation: Augmentation, size: int) -> Callable[[Pixels], Pixels]:
    """Return what is done to a training image before it is kept: the scaling, where the same for every epoch."""
    if augmentation.crop == "resized":
        return lambda pixels: pixels
    return lambda pixels: resize_shorter(pixels, size, augmentation.interpolation)


def kept_for_validation(size: int, crop_ratio: float | None) -> Callable[[Pixels], Pixels]:
    """Return what is done to a validation image before it is kept: everything."""
    transform = EvalTransform(size, crop_ratio)
    return lambda pixels: transform(pixels).pixels_hwc.numpy()


def free_memory(device: torch.device) -> int | None:
    """Return the bytes that are free on a device; None where it does not say."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return available_memory() if device.type in ("cpu", "mps") else None


def _stay(what: str) -> str:
    return f"placement=device: the images stay on the CPU, as {what}"
