"""A loader whose images are on the device of the training already."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import torch
from torch.utils.data import Sampler

from zen_lightning.data.batch import RawBatch
from zen_lightning.data.batched.augment import BatchedAugmentation
from zen_lightning.data.batched.images import DeviceImages
from zen_lightning.data.samples import SampleKey

_CPU_PIXELS, _GPU_PIXELS = 2**18, 2**22
"""Pixels that are augmented at a time. A choice: 1 MB on a CPU, about what the L2 cache of a core holds; 16 MB on a GPU, where
starting the kernels takes the same time for any number of images: it is spent once for 4,096 images of 32 pixels."""


class DeviceLoader:
    """Gives the batches of a sampler from images on a device, several batches augmented at a time.

    How many that are changes nothing in them: what is random depends on the image alone.

    Args:
        images: all images.
        sampler: which of them come when.
        batch_size: images of a batch.
        augment: what is done to them; None: nothing.
        drop_last: whether a last batch that is smaller is left out.

    Attributes:
        sampler: as given.
        batch_size: as given.
        batch_sampler: None: batches are cut from what the sampler gives.
        num_workers: 0: there is no other process.
    """

    def __init__(
        self,
        images: DeviceImages,
        sampler: Sampler[SampleKey],
        batch_size: int,
        augment: BatchedAugmentation | None,
        drop_last: bool = False,
    ) -> None:
        self.sampler: Any = sampler
        self.batch_size = batch_size
        self.batch_sampler = None
        self.num_workers = 0
        self._images = images
        self._augment = augment
        self._drop_last = drop_last
        pixels = _CPU_PIXELS if images.device.type == "cpu" else _GPU_PIXELS
        height, width = images.size
        self._at_once = batch_size * max(1, pixels // (height * width * batch_size))

    def __len__(self) -> int:
        """Return the number of batches of a whole epoch."""
        return (len(self.sampler) if self._drop_last else len(self.sampler) + self.batch_size - 1) // self.batch_size

    def __iter__(self) -> Iterator[RawBatch]:
        """Yield the batches of the epoch, or of the rest of it, on the device."""
        order = iter(self.sampler)
        while keys := list(islice(order, self._at_once)):
            several = self._several(keys)
            for begin in range(0, len(keys), self.batch_size):
                if not self._drop_last or begin + self.batch_size <= len(keys):
                    yield RawBatch(*(part[begin : begin + self.batch_size] for part in several))

    def _several(self, keys: list[SampleKey]) -> RawBatch:
        indices = np.array([key.index for key in keys], dtype=np.int64)
        if self._augment is not None:
            return self._augment(keys[0].epoch, indices, np.array([key.draw for key in keys], dtype=np.int64))
        chosen = torch.from_numpy(indices).to(self._images.device)
        pixels = self._images.pixels.index_select(0, chosen)[..., None].view(torch.uint8)[..., :3].contiguous()
        none = pixels.new_zeros(len(keys), 0)
        return RawBatch(pixels, self._images.labels.index_select(0, chosen), none.float(), none.long())
