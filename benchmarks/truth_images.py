"""CIFAR-10 as tensors on one device, cropped and flipped there a batch at a time: CPU and GPU train on the same pixels.

Every random number is drawn on the CPU, by seed and epoch, so that a training that is stopped goes on with the images that were
still to come, and both devices see the same ones.
"""

import io
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor

from cifar10_images import ARCHIVE
from zen_lightning.system.files import atomic_path

TRAIN_IMAGES = 20_000
SUBSET_SEED = 0
PADDING = 4
MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.2470, 0.2435, 0.2616)
_SIZE = 32


def image_cache() -> Path:
    """Return an .npz of the training subset and of all test images, decoded once from the archive into the temporary folder."""
    path = Path(tempfile.gettempdir()) / f"zen-lightning-cifar10-{TRAIN_IMAGES}-{SUBSET_SEED}.npz"
    if path.is_file():
        return path
    if not ARCHIVE.is_file():
        sys.exit(f"no archive {ARCHIVE}: set ZEN_GOLDEN to the folder of the golden files, beside which data/ lies")
    from PIL import Image

    with tarfile.open(ARCHIVE) as archive:
        members = sorted((member for member in archive if member.isfile()), key=lambda member: member.name)
        classes = sorted({member.name.split("/")[-2] for member in members})
        train = [member for member in members if member.name.startswith("train/")]
        chosen = np.random.default_rng(SUBSET_SEED).permutation(len(train))[:TRAIN_IMAGES]
        wanted = {"train": [train[index] for index in sorted(chosen)]}
        wanted["test"] = [member for member in members if member.name.startswith("test/")]
        arrays: dict[str, Any] = {}
        for part, files in wanted.items():
            pixels = np.empty((len(files), _SIZE, _SIZE, 3), np.uint8)
            for row in sorted(range(len(files)), key=lambda index: files[index].offset):
                data = archive.extractfile(files[row])
                assert data is not None
                pixels[row] = np.asarray(Image.open(io.BytesIO(data.read())).convert("RGB"))
            arrays[f"{part}_images"] = pixels
            arrays[f"{part}_labels"] = np.array([classes.index(file.name.split("/")[-2]) for file in files], np.int64)
    with atomic_path(path) as temporary:
        np.savez(temporary, **arrays)
    return path


class DeviceImages(pl.LightningDataModule):
    """The images of :func:`image_cache` on a device, for one training.

    Args:
        arrays: the opened cache.
        device: of torch.
        batch_size: training images of a step.
        seed: of order and augmentation.

    Attributes:
        position: finished epochs, and batches of the next that are done; it is kept in checkpoints.
    """

    def __init__(self, arrays: Any, device: str, batch_size: int, seed: int) -> None:
        super().__init__()
        padded = ((0, 0), (PADDING, PADDING), (PADDING, PADDING), (0, 0))
        self.train_nhwc = torch.from_numpy(np.pad(arrays["train_images"], padded)).to(device)
        self.test_nhwc = torch.from_numpy(arrays["test_images"]).to(device)
        self.train_labels = torch.from_numpy(arrays["train_labels"]).to(device)
        self.test_labels = torch.from_numpy(arrays["test_labels"]).to(device)
        self.mean, self.std = (255 * torch.tensor(values, device=device) for values in (MEAN, STD))
        self.device = device
        self.batch_size = batch_size
        self.seed = seed
        self.position = (0, 0)

    def train_dataloader(self) -> "_Batches":
        return _Batches(self, training=True)

    def val_dataloader(self) -> "_Batches":
        return _Batches(self, training=False)

    def state_dict(self) -> dict[str, Any]:
        return {"position": list(self.position)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        epoch, batches = state_dict["position"]
        self.position = (epoch, batches)

    def epoch(self, epoch: int) -> "Epoch":
        """Return what is drawn for an epoch, on the device: no step waits for numbers from the CPU."""
        size = len(self.train_labels)
        rng = np.random.default_rng([self.seed, epoch])
        order = rng.permutation(size)
        corners = rng.integers(0, 2 * PADDING + 1, (2, size, 1))
        flips = rng.integers(0, 2, (size, 1)).astype(bool)
        steps = np.arange(_SIZE)[None]
        rows, columns = corners[0] + steps, corners[1] + np.where(flips, steps[:, ::-1], steps)
        return Epoch(*(torch.from_numpy(numbers).to(self.device) for numbers in (order, rows, columns)))

    def train_batch(self, epoch: "Epoch", batch: int) -> tuple[Tensor, Tensor]:
        """Return a batch of an epoch: each image padded by zeros, cropped at random, flipped with probability 1/2."""
        index, rows, columns = (numbers[batch * self.batch_size : (batch + 1) * self.batch_size] for numbers in epoch)
        images = self.train_nhwc[index[:, None, None], rows[:, :, None], columns[:, None, :]]
        return self.normalised(images), self.train_labels[index]

    def normalised(self, images_nhwc: Tensor) -> Tensor:
        """Return uint8 images (batch, height, width, 3) as float32 (batch, 3, height, width), laid out channels last."""
        return ((images_nhwc.float() - self.mean) / self.std).permute(0, 3, 1, 2)


class Epoch(NamedTuple):
    """What is drawn for an epoch: images in their order, and the pixels of each; shapes (images,), (images, 32) twice."""

    order: Tensor
    rows: Tensor
    columns: Tensor


class _Batches:
    """What Lightning iterates over: whole batches alone in training, all images in validation."""

    def __init__(self, data: DeviceImages, training: bool) -> None:
        self._data = data
        self._training = training

    def __len__(self) -> int:
        size = self._data.batch_size
        return len(self._data.train_labels) // size if self._training else -(-len(self._data.test_labels) // _EVAL_BATCH)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        data = self._data
        if not self._training:
            for images, labels in zip(data.test_nhwc.split(_EVAL_BATCH), data.test_labels.split(_EVAL_BATCH), strict=True):
                yield data.normalised(images), labels
            return
        assert data.trainer is not None
        number = data.trainer.current_epoch
        epoch = data.epoch(number)
        first = data.position[1] if data.position[0] == number else 0
        for batch in range(first, len(self)):
            yield data.train_batch(epoch, batch)


_EVAL_BATCH = 250
