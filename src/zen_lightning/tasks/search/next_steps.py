"""The commands that follow a search, to be copied: train the answer, analyze it, compare it."""

import math
from pathlib import Path

from zen_lightning import zoo
from zen_lightning.arch import BaseArchitecture
from zen_lightning.runs.command_line import command_line, override_path
from zen_lightning.system.short_path import short_path

_SMALL = 64
"""Largest images, in pixels, that CIFAR stands for. A choice: between its 32 and the 224 of ImageNet."""

_CIFAR = {10: "cifar10", 100: "cifar100"}
_IMAGENET = 1000
_CIFAR_SIZE, _LARGE_SIZE = 32, 224
"""Height and width of the images of CIFAR, and those of ImageNet, which own folders have too unless a command says others."""


def next_steps(
    source: Path, architecture: BaseArchitecture, resolution: int, num_classes: int, other: Path | None = None
) -> str:
    """Return the commands, a line each, under a heading.

    Args:
        source: what names the network for ``arch=``: the folder of a search, or a file with a structure.
        architecture: the network.
        resolution: height and width of its images.
        num_classes: outputs of its classifier.
        other: another network to compare it with; None: the most similar of the published ones.
    """
    named, place = (
        override_path(short_path(source)),
        override_path(short_path(other)) if other else nearest_published(architecture, resolution, num_classes),
    )
    setting = [] if source.is_dir() else [f"resolution={resolution}", f"num_classes={num_classes}"]
    commands = [
        ["task=train", f"arch={named}", *_images(resolution, num_classes)],
        ["task=analyze", f"arch={named}", *setting],
        ["task=compare", f"arch=[{named},{place}]", *setting],
    ]
    return "\n".join(["", "train it, analyze it, compare it:", *(f"  {command_line(words)}" for words in commands)])


def nearest_published(architecture: BaseArchitecture, resolution: int, num_classes: int) -> str:
    """Return the name of the published network for similar images that is nearest in parameters.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> nearest_published(Architecture.parse("SuperConvK3BNRELU(3,64,1,1)SuperResK3K3(64,128,2,128,1)"), 32, 10)
        'zennet_cifar10_model_size05M_res32'
    """
    params = architecture.num_params(num_classes)

    def distance(entry: zoo.ZooEntry) -> tuple[bool, bool, float]:
        other_size = (entry.resolution > _SMALL) != (resolution > _SMALL)
        return other_size, entry.num_classes != num_classes, abs(math.log(entry.params / params))

    return min(map(zoo.entry, zoo.names()), key=distance).name


def _images(resolution: int, num_classes: int) -> list[str]:
    """Return the keys of a dataset with as many classes; one of the user's own where no shipped one has.

    The size of the images is named where it is not the dataset's own.
    """
    keys, own = ["dataset=image_folder", "dataset.root=YOUR_IMAGES"], _LARGE_SIZE
    if resolution <= _SMALL and num_classes in _CIFAR:
        keys, own = [f"dataset={_CIFAR[num_classes]}"], _CIFAR_SIZE
    elif resolution > _SMALL and num_classes == _IMAGENET:
        keys = ["dataset=imagenet"]
    return keys if resolution == own else [*keys, f"resolution={resolution}"]
