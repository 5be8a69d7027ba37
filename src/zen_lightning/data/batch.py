"""What a loader's workers deliver."""

from typing import NamedTuple

from torch import Tensor


class RawBatch(NamedTuple):
    """Images of 8 bits, a quarter of the bytes of float32, and the few random numbers that the device's part needs.

    :class:`~zen_lightning.data.device_transform.DeviceTransform` makes of it what a network sees. A sample has the same fields,
    without the first axis of each.

    Attributes:
        pixels_bhwc: uint8, shape (batch, height, width, 3).
        labels_b: int64, shape (batch,).
        colours: added to every pixel of an image by lighting, of values from 0 to 1; float32, shape (batch, 3), or (batch, 0)
            where there is no lighting.
        erased: the rectangle of an image that is erased: top, left, bottom, right, the last two exclusive; int64, shape
            (batch, 4), four zeros for none; or (batch, 0) where there is no erasing.
    """

    pixels_bhwc: Tensor
    labels_b: Tensor
    colours: Tensor
    erased: Tensor
