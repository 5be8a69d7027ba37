"""Networks of this project as teachers."""

from collections.abc import Sequence

import torch
from torch import Tensor

from zen_lightning import zoo
from zen_lightning.errors import UserError, keyed
from zen_lightning.nets import StagedNetwork, read_weights
from zen_lightning.normalisation import CIFAR_MEAN, CIFAR_STD, IMAGENET_MEAN, IMAGENET_STD
from zen_lightning.runs.names import WEIGHTS
from zen_lightning.system.named_path import expanded
from zen_lightning.system.value_types import Finite, Pixels, Positive
from zen_lightning.training.teachers.teacher import Teacher

_CIFAR = (CIFAR_MEAN, CIFAR_STD)
_IMAGENET = (IMAGENET_MEAN, IMAGENET_STD)


class StagedTeacher(Teacher):
    """A network of this project as a teacher.

    Args:
        network: a trained network; it is frozen.
        image_size: height and width of the images that it is given.
        mean: mean that its images are normalised by; None: the student's.
        std: standard deviation that they are normalised by; None: the student's.

    Example:
        >>> from zen_lightning import Architecture, build_network
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,8,1)")
        >>> teacher = StagedTeacher(build_network(arch, num_classes=10), image_size=32)
        >>> teacher.feature_channels(first_ratio=2)
        [8, 16]
    """

    def __init__(
        self,
        network: StagedNetwork,
        image_size: Pixels,
        mean: Sequence[Finite] | None = None,
        std: Sequence[Positive] | None = None,
    ) -> None:
        super().__init__(image_size, network.classifier.linear.out_features, mean, std)
        self.network = network
        self.freeze()

    @torch.no_grad()
    def features(self, images: Tensor, first_ratio: int | None) -> tuple[list[Tensor], Tensor]:
        """Return the features of the super-blocks, and the logits; see :meth:`Teacher.features`."""
        return ([], self.network(images)) if first_ratio is None else self.network.stage_features(images, first_ratio)


def zoo_teacher(arch: str, image_size: Pixels | None = None) -> StagedTeacher:
    """Return a network of the zoo with its published weights, downloaded where they are not yet.

    Args:
        arch: the name of the network.
        image_size: height and width of the images that it is given; None: as published.

    Raises:
        UserError: there is no such network, or its weights cannot be downloaded.
    """
    with keyed({"name": "arch"}):
        known = zoo.entry(arch)
    mean, std = _IMAGENET if known.num_classes == 1000 else _CIFAR
    return StagedTeacher(zoo.create(arch, pretrained=True), image_size or known.resolution, mean, std)


def trained_teacher(
    arch: str,
    image_size: Pixels | None = None,
    mean: Sequence[Finite] | None = None,
    std: Sequence[Positive] | None = None,
) -> StagedTeacher:
    """Return a network that this project trained.

    Args:
        arch: the folder of its training, or a file of weights (``.safetensors``).
        image_size: height and width of the images that it is given; None: those it was trained on.
        mean: mean that its images are normalised by; None: the student's.
        std: standard deviation that they are normalised by; None: the student's.

    Raises:
        UserError: there are no such weights, or they are damaged.
    """
    path = expanded(arch)
    file = path / WEIGHTS if path.is_dir() else path
    if not file.is_file():
        what = f"the training has no {WEIGHTS} (yet)" if path.is_dir() else "there is no such folder of a training, nor file"
        hint = "it is a network of the zoo: choose the teacher zoo" if arch in zoo.names() else ""
        raise UserError(what, key="arch", value=arch, remedy=hint)
    network, metadata = read_weights(file)
    recorded = metadata.get("resolution", "")
    if image_size is None and not recorded.isdecimal():
        what = "the weights do not say which images they are for"
        raise UserError(what, key="arch", value=arch, remedy="give {image_size}", involves=["image_size"])
    return StagedTeacher(network, int(recorded) if image_size is None else image_size, mean, std)
