"""The part of the augmentation that the device of the training does: lighting, normalisation, erasing."""

from typing import NamedTuple

import torch
from torch import Tensor

from zen_lightning.data.batch import RawBatch
from zen_lightning.data.source import Statistics

_CACHED = 2**18
"""Elements that a CPU transforms at a time. A choice: 1 MB as float32, about what the L2 cache of a core holds."""


class _Constants(NamedTuple):
    """On one device, for one width; ``row`` has an element for each channel of each column."""

    mean: Tensor
    std: Tensor
    scale_row: Tensor


class DeviceTransform:
    """Turn batches of 8 bits into what a network sees: (pixels / 255 + colour - mean) / std, rectangles erased by 0.

    Nothing is drawn here: what is random in a sample travels with it. Nothing waits for a GPU: there is no loop over samples,
    no index that depends on values, and constants are copied there once.

    Args:
        mean: mean of each channel, of values from 0 to 1.
        std: standard deviation of each channel.
        channels_last: whether the images lie channels last in memory, as a network with such weights wants them.

    Example:
        >>> pixels = torch.full((2, 4, 4, 3), 255, dtype=torch.uint8)
        >>> batch = RawBatch(pixels, torch.tensor([0, 1]), torch.zeros(2, 0), torch.tensor([[0, 0, 2, 4], [0, 0, 0, 0]]))
        >>> images, labels = DeviceTransform((0.5, 0.5, 0.5), (0.25, 0.25, 0.25))(batch)
        >>> images.shape, images[:, 0, :, 0].round().tolist()
        (torch.Size([2, 3, 4, 4]), [[0.0, 0.0, 2.0, 2.0], [2.0, 2.0, 2.0, 2.0]])
    """

    def __init__(self, mean: Statistics, std: Statistics, channels_last: bool = False) -> None:
        self._mean, self._std = mean, std
        self._channels_last = channels_last
        self._constants: dict[tuple[torch.device, int], _Constants] = {}

    def __call__(self, batch: RawBatch) -> tuple[Tensor, Tensor]:
        """Return images and labels.

        Args:
            batch: on the device.

        Returns:
            float32 (batch, 3, height, width), normalised; int64 (batch,).
        """
        pixels_bhwc = batch.pixels_bhwc
        size, height, width, channels = pixels_bhwc.shape
        constants = self._on(pixels_bhwc.device, width)
        # A row of pixels is one axis, (width * 3): long, contiguous, and so fast on a CPU, too.
        rows = pixels_bhwc.reshape(size, height, width * channels)
        colours = batch.colours.float() if batch.colours.shape[1] else constants.mean.new_zeros(1, 3)
        shift = ((colours - constants.mean) / constants.std).repeat(1, width)[:, None].expand(size, 1, width * channels)
        images = torch.empty(rows.shape, device=rows.device)
        on_cpu = rows.device.type == "cpu"
        step = max(1, _CACHED // max(1, height * width * channels)) if on_cpu else max(1, size)
        for begin in range(0, size, step):
            part = slice(begin, begin + step)
            torch.addcmul(shift[part], rows[part].to(torch.float32), constants.scale_row, out=images[part])
        images_bhwc = images.view(size, height, width, channels)
        if batch.erased.shape[1]:
            (erase_slices if on_cpu else erase_masked)(images_bhwc, batch.erased)
        images_bchw = images_bhwc.permute(0, 3, 1, 2)
        return images_bchw if self._channels_last else images_bchw.contiguous(), batch.labels_b

    def _on(self, device: torch.device, width: int) -> _Constants:
        key = (device, width)
        if key not in self._constants:
            mean, std = (torch.tensor(values, device=device) for values in (self._mean, self._std))
            self._constants[key] = _Constants(mean, std, (1 / (255 * std)).repeat(width))
        return self._constants[key]


def erase_masked(images_bhwc: Tensor, erased: Tensor) -> None:
    """Set the rectangles of a batch to 0, in place; nothing waits for the device.

    Args:
        images_bhwc: float32 (batch, height, width, 3).
        erased: int64 (batch, 4), see :class:`~zen_lightning.data.batch.RawBatch`.
    """
    top, left, bottom, right = (edge[:, None] for edge in erased.unbind(1))
    rows, columns = (torch.arange(side, device=erased.device) for side in images_bhwc.shape[1:3])
    in_rows, in_columns = (rows >= top) & (rows < bottom), (columns >= left) & (columns < right)
    images_bhwc.masked_fill_((in_rows[:, :, None] & in_columns[:, None])[..., None], 0.0)


def erase_slices(images_bhwc: Tensor, erased: Tensor) -> None:
    """Do as :func:`erase_masked`, touching no more than the rectangles: for a CPU, where reading them costs nothing."""
    for image_hwc, (top, left, bottom, right) in zip(images_bhwc, erased.tolist(), strict=True):
        if bottom > top:
            image_hwc[top:bottom, left:right] = 0
