"""Datasets: sources of images, their augmentation, and a training's loaders. Sources alone load neither torch nor Lightning."""

from typing import TYPE_CHECKING, Any

from zen_lightning.data.source import DataSource, Images
from zen_lightning.system.lazy import lazy_name

_LAZY = {
    "ArrayImages": "array_images",
    "Augmentation": "augmentation",
    "Cifar10": "cifar",
    "Cifar100": "cifar",
    "Digits": "digits",
    "ImageData": "module",
    "ImageFolder": "image_folder",
    "ImageNet": "imagenet",
    "WebDataset": "web_dataset",
}
"""Module of each name, below this one: a command imports its own dataset alone."""

if TYPE_CHECKING:
    from zen_lightning.data.array_images import ArrayImages
    from zen_lightning.data.augmentation import Augmentation
    from zen_lightning.data.cifar import Cifar10, Cifar100
    from zen_lightning.data.digits import Digits
    from zen_lightning.data.image_folder import ImageFolder
    from zen_lightning.data.imagenet import ImageNet
    from zen_lightning.data.module import ImageData
    from zen_lightning.data.web_dataset import WebDataset

__all__ = [
    "ArrayImages",
    "Augmentation",
    "Cifar10",
    "Cifar100",
    "DataSource",
    "Digits",
    "ImageData",
    "ImageFolder",
    "ImageNet",
    "Images",
    "WebDataset",
]


def __getattr__(name: str) -> Any:
    return lazy_name(__name__, _LAZY, name)
