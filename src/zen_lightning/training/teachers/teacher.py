"""The plugin point: what a network must tell to be a teacher."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Self

import torch
from torch import Tensor, nn

from zen_lightning.errors import UserError
from zen_lightning.system.value_types import Finite, Pixels, Positive

WEIGHTS_KEY = "weights of the teacher"
"""What its digest is called where a training says what makes it this one."""

_DIGITS = 16
"""Hexadecimal digits of a digest that is shown. A choice: chance makes two of them alike once in 10^19."""


class Teacher(nn.Module, ABC):
    """A trained network that a student learns from. It never changes: no gradients, and always in evaluation mode.

    A teacher of your own derives from this class, calls :meth:`freeze` at the end of its constructor, and is chosen by a YAML
    in ``conf/teacher`` whose ``_target_`` is its dotted path and whose other keys, beside ``name``, are the arguments of its
    constructor. Test it by ``zen_lightning.testing.check_teacher``.

    Args:
        image_size: height and width of the images that it is given.
        num_classes: number of its logits.
        mean: of the channels, from 0 to 1, that its images are normalised by; None: as the student's.
        std: standard deviation that they are normalised by; None: the student's.

    Attributes:
        image_size: as above.
        num_classes: as above.
        mean: as above.
        std: as above.
    """

    def __init__(
        self,
        image_size: Pixels,
        num_classes: int,
        mean: Sequence[Finite] | None = None,
        std: Sequence[Positive] | None = None,
    ) -> None:
        super().__init__()
        if image_size < 1:
            raise UserError(key="image_size", value=image_size, expected="1 or more")
        if (mean is None) != (std is None):
            what = "{std} is given without {mean}" if mean is None else "{mean} is given without {std}"
            raise UserError(what, expected="both, or neither", involves=["mean", "std"])
        self.image_size = image_size
        self.num_classes = num_classes
        self.mean = None if mean is None else tuple(mean)
        self.std = None if std is None else tuple(std)

    @abstractmethod
    def features(self, images: Tensor, first_ratio: int | None) -> tuple[list[Tensor], Tensor]:
        """Return a feature map for each stage, and the logits, of one pass.

        With the ratio r = ``first_ratio`` at first, the output of the first stage at which input size over output size rounds
        to r is a stage feature; then r doubles, and so on.

        Args:
            images: shape (batch, 3, image_size, image_size), normalised by ``mean`` and ``std``.
            first_ratio: downsampling of the first feature; None for no features.

        Returns:
            feature maps of shape (batch, channels, height, width), and logits of shape (batch, num_classes).
        """

    def feature_channels(self, first_ratio: int) -> list[int]:
        """Return the channels of the feature maps that :meth:`features` gives."""
        with torch.no_grad():
            return [feature.shape[1] for feature in self.features(self.blank_images(), first_ratio)[0]]

    def blank_images(self) -> Tensor:
        """Return one image of the right size, type and device, to see what comes of it."""
        weight = next(self.parameters())
        return weight.new_zeros(1, 3, self.image_size, self.image_size)

    def freeze(self) -> None:
        """Let no gradient reach the parameters, and no batch norm or dropout behave as in training."""
        self.requires_grad_(False).eval()

    def weights_digest(self) -> str:
        """Return a digest of all weights, by which another teacher is told from this one."""
        digest = hashlib.sha256()
        for name, value in self.state_dict().items():
            whole = value.detach().cpu().contiguous()
            digest.update(f"{name} {whole.dtype} {tuple(whole.shape)}\n".encode())
            digest.update(memoryview(whole.reshape(-1).view(torch.uint8).numpy()))
        return digest.hexdigest()[:_DIGITS]

    def train(self, mode: bool = True) -> Self:
        """Stay in evaluation mode."""
        return super().train(False)
