"""Images of one size on a device, 8 bits a channel."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from zen_lightning.data.bounded_map import bounded_map
from zen_lightning.data.pixels import Pixels, pixels_of
from zen_lightning.data.source import Images
from zen_lightning.system.cores import available_cores

BYTES = 4
"""Of a pixel: red, green, blue, and one that nobody reads, so that a pixel is one number of 32 bits."""


class UnevenImagesError(ValueError):
    """Images of several sizes, which no one array can hold."""


class DeviceImages:
    """All images of a set on a device.

    Args:
        images: the images.
        prepared: what is done to each of them before, which leaves all with the same size: scaling.
        device: where to.

    Attributes:
        pixels: int32 (images, height, width): red, green, blue and a byte of no meaning.
        labels: int64 (images,).

    Raises:
        UnevenImagesError: they have several sizes.
        UserError: an image cannot be read.
    """

    def __init__(self, images: Images, prepared: Callable[[Pixels], Pixels], device: torch.device) -> None:
        count = len(images)
        height, width = prepared(pixels_of(images, 0)).shape[:2]
        content: NDArray[np.uint8] = np.zeros((count, height, width, BYTES), dtype=np.uint8)
        labels = np.empty(count, dtype=np.int64)
        read = bounded_map(lambda index: prepared(pixels_of(images, index)), range(count), available_cores())
        for index, pixels in enumerate(read):
            if pixels.shape[:2] != (height, width):
                raise UnevenImagesError(f"they have several sizes, {_size(content[0])} and {_size(pixels)} among them")
            content[index, ..., :3] = pixels
            labels[index] = images.label(index)
        self.pixels = torch.from_numpy(content.view(np.int32)[..., 0]).to(device)
        self.labels = torch.from_numpy(labels).to(device)

    @property
    def device(self) -> torch.device:
        """Where they are."""
        return self.pixels.device

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return int(self.pixels.shape[1]), int(self.pixels.shape[2])

    def __len__(self) -> int:
        return len(self.pixels)


def _size(pixels: NDArray[Any]) -> str:
    return f"{pixels.shape[1]} x {pixels.shape[0]}"
