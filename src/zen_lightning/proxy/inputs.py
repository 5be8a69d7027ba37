"""The images that networks are scored on: noise, or images of a dataset."""

from abc import ABC, abstractmethod
from functools import cache
from pathlib import Path

import torch
from torch import Tensor

from zen_lightning.errors import UserError
from zen_lightning.nets.image_channels import as_taken
from zen_lightning.normalisation import IMAGENET_MEAN, IMAGENET_STD
from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.system.named_path import expanded


class Inputs(ABC):
    """A source of batches.

    Attributes:
        kind: ``noise`` or ``images``.
    """

    kind: str

    @abstractmethod
    def batch(self, shape: tuple[int, int, int, int], num_classes: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return images and labels, float32 and int64, on the device of the generator.

        Args:
            shape: shape of the images: batch, channels, height, width.
            num_classes: number of classes of the labels.
            generator: source of all random numbers.
        """


class Noise(Inputs):
    """Images drawn N(0,1), labels drawn uniformly."""

    kind = "noise"

    def batch(self, shape: tuple[int, int, int, int], num_classes: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return fresh noise."""
        images = torch.randn(shape, generator=generator, device=generator.device)
        return images, torch.randint(num_classes, shape[:1], generator=generator, device=generator.device)


class ImageFolder(Inputs):
    """Images of a folder of class folders (or of its ``train`` folder), drawn uniformly, resized, cropped, standardised.

    Args:
        root: the folder.

    Raises:
        UserError: the folder does not exist, or has no images.
    """

    kind = "images"

    def __init__(self, root: str) -> None:
        self.root = root
        _index(root)

    def batch(self, shape: tuple[int, int, int, int], num_classes: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """Return different images, standardised with the channel statistics of ImageNet.

        Raises:
            UserError: the folder has fewer images, or more classes than the network.
        """
        samples, classes = _index(self.root)
        if classes > num_classes:
            raise UserError(
                f"it has {classes} classes, and the network {num_classes}",
                key="images",
                value=self.root,
                remedy="raise {num_classes}",
                involves=["num_classes"],
            )
        if shape[0] > len(samples):
            raise UserError(
                f"it has {len(samples)} images, and {{batch_size}}={shape[0]}",
                key="images",
                value=self.root,
                remedy="lower {batch_size}",
                involves=["batch_size"],
            )
        # Without repetition: two equal images would make the kernels of some proxies singular.
        picked = torch.randperm(len(samples), generator=generator, device=generator.device)[: shape[0]].tolist()
        images = torch.stack([as_taken(_load(samples[index][0], shape[-1])[None], shape[1])[0] for index in picked])
        labels = torch.tensor([samples[index][1] for index in picked])
        return images.to(generator.device), labels.to(generator.device)


def inputs_from(images: str | None) -> Inputs:
    """Return the source for a proxy's argument ``images``: a folder, or None for noise."""
    return Noise() if images is None else ImageFolder(str(expanded(images)))


@cache
def _index(root: str) -> tuple[list[tuple[str, int]], int]:
    from torchvision.datasets import ImageFolder as Folder

    folder = Path(root) / "train" if (Path(root) / "train").is_dir() else Path(root)
    try:
        found = Folder(str(folder))
    except (FileNotFoundError, NotADirectoryError):
        raise UserError(
            key="images", value=root, expected="a folder of class folders with images in them, and there is none"
        ) from None
    return list(found.samples), len(found.classes)


def _load(path: str, resolution: int) -> Tensor:
    from torchvision.transforms.v2 import functional

    from zen_lightning.data.decode import CorruptImageError, decode

    try:
        picture = functional.pil_to_tensor(decode(path))
    except CorruptImageError as error:
        raise CannotScoreError(f"the image {path} cannot be read: {error.reason}") from error
    resized = functional.resize(picture, [resolution], antialias=True)
    cropped = functional.center_crop(resized, [resolution, resolution])
    out: Tensor = functional.normalize(
        functional.to_dtype(cropped, torch.float32, scale=True), list(IMAGENET_MEAN), list(IMAGENET_STD)
    )
    return out
