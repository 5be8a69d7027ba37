"""The augmentation of many images at once."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from zen_lightning.data.augmentation import Augmentation
from zen_lightning.data.batch import RawBatch
from zen_lightning.data.batched.crops import Boxes, cut, cut_and_scale, middle_boxes, padded_boxes, resized_boxes
from zen_lightning.data.batched.draws import Column, Draws
from zen_lightning.data.batched.images import DeviceImages
from zen_lightning.data.batched.operations import KINDS
from zen_lightning.data.batched.policy import Policy
from zen_lightning.data.batched.rectangles import draw_sides
from zen_lightning.data.erasing import AREA as ERASED_AREA
from zen_lightning.data.erasing import RATIO as ERASED_RATIO
from zen_lightning.data.lighting import EIGENVALUES, EIGENVECTORS


class BatchedAugmentation:
    """Augments images that live on a device as :class:`~zen_lightning.data.transforms.TrainTransform` augments one.

    What is random is drawn on the CPU, from the seed, the epoch and the image alone; the distributions are those of single
    images, the numbers are others. Images are then grouped by what is done to them; each group is one operation on the device.

    Args:
        images: all images.
        augmentation: what to do.
        size: height and width of the result.
        seed: seed of all draws.
    """

    def __init__(self, images: DeviceImages, augmentation: Augmentation, size: int, seed: int) -> None:
        self._images = images
        self._augmentation = augmentation
        self._size = size
        self._seed = seed
        self._policy = None if augmentation.policy is None else Policy(augmentation.policy, size, size)
        self._tables = _Tables(self._policy, size, images.device) if self._policy is not None else None

    def __call__(self, epoch: int, indices: NDArray[np.int64], times: NDArray[np.int64] | None = None) -> RawBatch:
        """Return images of an epoch with their labels, and what lighting and erasing need, on the device.

        Args:
            epoch: counted from 0.
            indices: of the images, int64 (images,).
            times: how often each was shown before in this epoch, likewise; None: never.
        """
        draws = Draws(self._seed, epoch, indices, times)
        device = self._images.device
        chosen = sent(indices, device)
        cropped = self._cropped(draws, chosen)
        if self._policy is not None and self._tables is not None:
            for codes in self._policy.draw(draws):
                cropped = self._tables.apply(cropped, codes)
        labels = self._images.labels.index_select(0, chosen)
        colours = sent(self._colours(draws), device)
        return RawBatch(cropped[..., :3].contiguous(), labels, colours, sent(self._erased(draws), device))

    def _cropped(self, draws: Draws, chosen: Tensor) -> Tensor:
        how, size, stored = self._augmentation, self._size, self._images.size
        if how.crop == "resized":
            boxes = resized_boxes(draws, stored, how.flip)
            return cut_and_scale(self._images.pixels, chosen, boxes, size, how.interpolation)
        boxes = _boxes(draws, how, stored, size)
        return cut(self._images.pixels, chosen, boxes, size)

    def _colours(self, draws: Draws) -> NDArray[np.float32]:
        std = self._augmentation.lighting
        if not std:
            return np.zeros((len(draws), 0), dtype=np.float32)
        factors = np.stack([draws.normal(Column.LIGHTING + 2 * number) for number in range(3)], axis=1)
        components = np.array(EIGENVECTORS) * np.array(EIGENVALUES)
        colours: NDArray[np.float64] = std * factors @ components.T
        return colours.astype(np.float32)

    def _erased(self, draws: Draws) -> NDArray[np.int64]:
        if not self._augmentation.erasing:
            return np.zeros((len(draws), 0), dtype=np.int64)
        side = self._size
        erased = draws.uniform(Column.ERASED) < self._augmentation.erasing
        largest = (side - 1, side - 1)
        column = Column.ERASED_SHAPE
        sides = draw_sides(draws, column, (side, side), ERASED_AREA, ERASED_RATIO, least=0, largest=largest, tall=True)
        top = draws.whole(Column.ERASED_TOP, side - sides.height + 1)
        left = draws.whole(Column.ERASED_LEFT, side - sides.width + 1)
        found = np.stack([top, left, top + sides.height, left + sides.width], axis=1)
        return np.where((erased & sides.fits)[:, None], found, 0)


class _Tables:
    """What the operations of a policy need to know, on a device."""

    def __init__(self, policy: Policy, size: int, device: torch.device) -> None:
        self._names = sorted({step.name for step in policy.steps[1:]}, key=_order)
        kinds = list(dict.fromkeys(KINDS[name] for name in self._names))
        self._kinds = kinds
        self._kind_of = np.full(len(policy.steps), -1, dtype=np.int64)
        self._row_of = np.zeros(len(policy.steps), dtype=np.int64)
        rows: list[list[NDArray[Any]]] = [[] for _ in kinds]
        for code, step in enumerate(policy.steps[1:], start=1):
            kind = kinds.index(KINDS[step.name])
            self._kind_of[code], self._row_of[code] = kind, len(rows[kind])
            rows[kind].append(KINDS[step.name].table(step.name, step.magnitude, size, size))
        self._rows = [torch.from_numpy(np.stack(table)).to(device) for table in rows]

    def apply(self, images: Tensor, codes: NDArray[np.int64]) -> Tensor:
        """Apply one operation to each image, in place."""
        kinds = self._kind_of[codes]
        groups = [np.flatnonzero(kinds == kind) for kind in range(len(self._kinds))]
        order = np.concatenate(groups)
        members, rows = sent(np.stack([order, self._row_of[codes[order]]]), images.device)
        begin = 0
        for kind, table, group in zip(self._kinds, self._rows, groups, strict=True):
            end = begin + len(group)
            if end > begin:
                members_here = members[begin:end]
                found = kind.apply(images.index_select(0, members_here), table.index_select(0, rows[begin:end]))
                images.index_copy_(0, members_here, found)
            begin = end
        return images


def sent(values: NDArray[Any], device: torch.device) -> Tensor:
    """Return an array on a device; a GPU is not waited for."""
    tensor = torch.from_numpy(values)
    if device.type == "cuda":
        tensor = tensor.pin_memory()
    return tensor.to(device, non_blocking=True)


def _order(name: str) -> int:
    return list(KINDS).index(name)


def _boxes(draws: Draws, how: Augmentation, stored: tuple[int, int], size: int) -> Boxes:
    if how.crop == "none":
        return middle_boxes(draws, stored, size, how.flip)
    return padded_boxes(draws, stored, size, how.padding, how.flip)
