"""The interface of architectures in every language."""

from abc import ABC, abstractmethod
from typing import NamedTuple

from zen_lightning.arch.errors import UnknownCountError

CLASSIFIER = "classifier"
"""The text of the last row of a summary."""


class StageSummary(NamedTuple):
    """Where the layers, parameters and FLOPs of a network are: one row a super-block, the classifier last.

    Attributes:
        block: text of the super-block; ``"classifier"`` for the last row.
        stage: number of the stage (the blocks of one output resolution), counted from 1.
        resolution: height and width of the output.
        channels: channels of the output (classes, for the classifier).
        layers: number of sub-layers.
        params: trainable parameters.
        flops: multiply-adds for one image.
    """

    block: str
    stage: int
    resolution: int
    channels: int
    layers: int
    params: int
    flops: int

    @property
    def is_classifier(self) -> bool:
        """Whether it is the last row; a pooling, say, has no layers either."""
        return self.block == CLASSIFIER


class BaseArchitecture(ABC):
    """A network as data: immutable, hashable, and equal to what its text parses to.

    The languages are :class:`~zen_lightning.arch.Architecture` (super-blocks) and
    :class:`~zen_lightning.arch.CellArchitecture` (a cell of NAS-Bench-201).
    """

    __slots__ = ()

    @property
    def in_channels(self) -> int:
        """Channels of the images: 3, unless its language says otherwise."""
        return 3

    @property
    @abstractmethod
    def num_layers(self) -> int:
        """Layers of convolutions, as its language counts them."""

    @property
    @abstractmethod
    def out_channels(self) -> int:
        """Channels of the last feature map, the classifier's input."""

    @abstractmethod
    def num_params(self, num_classes: int = 1000, use_se: bool = False) -> int:
        """Return the trainable parameters of the network as built, classifier included.

        Args:
            num_classes: outputs of the classifier.
            use_se: whether the network is built with squeeze-and-excitation.
        """

    @abstractmethod
    def flops(self, resolution: int, num_classes: int = 1000, use_se: bool = False) -> int:
        """Return the multiply-adds of convolutions and classifier for one image.

        The field's tables count one multiply-add as one FLOP, and so does this.

        Args:
            resolution: height and width of the image.
            num_classes: outputs of the classifier.
            use_se: whether the network is built with squeeze-and-excitation.

        Raises:
            UserError: a resolution below 1.
        """

    def peak_activations(self, resolution: int, num_classes: int = 1000, use_se: bool = False) -> int:
        """Return the activation memory: the most elements of feature maps that are alive at once, for one image.

        The layers are run in the order of the built network. A convolution holds what it reads and what it makes; a residual
        unit also holds what arrived until the shortcut has read it. Batch norm, relu, addition and gating happen in place
        where nothing else reads the map (a relu before a convolution needs a copy where a shortcut reads the map too). The
        image, the pooled features, the gates' vectors and the logits count; weights and a library's workspace do not. Not to
        be confused with the sum over all layers, the ``activations`` of a correlation (:mod:`zen_lightning.arch.conv_counts`).

        Args:
            resolution: height and width of the image.
            num_classes: outputs of the classifier.
            use_se: whether the network is built with squeeze-and-excitation.

        Raises:
            UserError: a resolution below 1.
            UnknownCountError: a language that does not say how its networks are run.
        """
        raise UnknownCountError(f"the activation memory of a {type(self).__name__} is not known")

    @abstractmethod
    def split(self) -> "BaseArchitecture":
        """Return the architecture as the search writes it: itself, unless its language splits deep blocks."""

    @abstractmethod
    def summary(self, resolution: int, num_classes: int = 1000, use_se: bool = False) -> list[StageSummary]:
        """Return a row for each part and one for the classifier; the rows add up to the totals."""
