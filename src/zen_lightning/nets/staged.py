"""The base of the networks of all languages: parts in a row, then a classifier."""

from collections.abc import Iterator

from torch import Tensor, nn

from zen_lightning.arch import BaseArchitecture
from zen_lightning.nets.head import build_classifier
from zen_lightning.nets.image_channels import as_taken


class StagedNetwork(nn.Module):
    """Parts in a row, then a classifier.

    Args:
        architecture: the architecture of the network.
        blocks: the parts, each a row of units.
        last: the module between the last part and the pooling.
        num_classes: number of logits.
        initialise: whether the classifier gets PyTorch's initialisation.

    Attributes:
        architecture: the architecture of the network.
        blocks: a row of units for each super-block, or for each part of a cell's network, in order.
    """

    def __init__(
        self, architecture: BaseArchitecture, blocks: list[nn.Sequential], last: nn.Module, num_classes: int, initialise: bool
    ) -> None:
        super().__init__()
        self.architecture = architecture
        self._in_channels = architecture.in_channels
        self.blocks = nn.ModuleList(blocks)
        self.last = last
        self.classifier = build_classifier(architecture, num_classes, initialise)

    def features(self, images: Tensor) -> Tensor:
        """Return the feature map before global pooling.

        Args:
            images: shape (batch, channels, height, width); a network for grey images takes colour too, as its luminance.

        Returns:
            shape (batch, out_channels, height', width').
        """
        x_bchw = as_taken(images, self._in_channels)
        for block in self.blocks:
            x_bchw = block(x_bchw)
        out: Tensor = self.last(x_bchw)
        return out

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits, shape (batch, classes)."""
        logits: Tensor = self.classifier(self.features(images))
        return logits

    def units(self) -> Iterator[nn.Module]:
        """Yield each unit (residual unit, cell, convolution), in order."""
        for block in self.blocks:
            assert isinstance(block, nn.Sequential)
            yield from block

    def block_features(self, images: Tensor) -> list[Tensor]:
        """Return the feature map after each unit, in order.

        Args:
            images: shape (batch, channels, height, width).
        """
        features = [as_taken(images, self._in_channels)]
        for unit in self.units():
            features.append(unit(features[-1]))
        return features[1:]

    def stage_features(self, images: Tensor, first_ratio: int = 16) -> tuple[list[Tensor], Tensor]:
        """Return a feature map for each stage, and the logits.

        Starting with the ratio r = ``first_ratio``, the output of the first part at which input size over output size rounds
        to r is a stage feature; then r doubles, and so on.

        Args:
            images: shape (batch, channels, height, width).
            first_ratio: downsampling of the first stage feature.
        """
        features, ratio = [], first_ratio
        x_bchw = as_taken(images, self._in_channels)
        for block in self.blocks:
            x_bchw = block(x_bchw)
            if round(images.shape[-1] / x_bchw.shape[-1]) == ratio:
                features.append(x_bchw)
                ratio *= 2
        return features, self.classifier(self.last(x_bchw))
