"""The PyTorch network of an architecture."""

from torch import Tensor, nn

from zen_lightning.arch import Architecture
from zen_lightning.arch.block import SuperBlock
from zen_lightning.arch.primitives import Conv
from zen_lightning.nets.modules import Classifier, ConvUnit, ResidualUnit


class Network(nn.Module):
    """Super-blocks one after another, then a classifier.

    Attributes:
        architecture: what it was built from.
        use_se: whether it has squeeze-and-excitation.
        vanilla: whether it is the twin without shortcuts.
        blocks: a module for each super-block, in order.
    """

    def __init__(
        self,
        architecture: Architecture,
        num_classes: int = 1000,
        use_se: bool = False,
        vanilla: bool = False,
        initialise: bool = True,
    ) -> None:
        super().__init__()
        if use_se and vanilla:
            raise ValueError("the vanilla twin has no squeeze-and-excitation: build it with use_se=False")
        if not initialise and not vanilla:
            raise ValueError("only the vanilla twin is built without initialisation: for scores that draw their own weights")
        self.architecture = architecture
        self.use_se = use_se
        self.vanilla = vanilla
        self.blocks = nn.ModuleList(_build_block(block, use_se, vanilla, initialise) for block in architecture.blocks)
        self.classifier = Classifier(architecture.out_channels, num_classes, initialise)

    def features(self, images: Tensor) -> Tensor:
        """Return the feature map before global pooling.

        Args:
            images: shape (batch, channels, height, width).

        Returns:
            shape (batch, out_channels, height', width').
        """
        x_bchw = images
        for block in self.blocks:
            x_bchw = block(x_bchw)
        return x_bchw

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits, shape (batch, classes)."""
        logits: Tensor = self.classifier(self.features(images))
        return logits

    def stage_features(self, images: Tensor, first_ratio: int = 16) -> tuple[list[Tensor], Tensor]:
        """Return a feature map for each stage, and the logits.

        With the ratio r = ``first_ratio`` at first, the output of the first super-block at which input size over output size
        rounds to r is a stage feature; then r doubles, and so on.

        Args:
            images: shape (batch, channels, height, width).
            first_ratio: downsampling of the first stage feature.
        """
        features, ratio = [], first_ratio
        x_bchw = images
        for block in self.blocks:
            x_bchw = block(x_bchw)
            if round(images.shape[-1] / x_bchw.shape[-1]) == ratio:
                features.append(x_bchw)
                ratio *= 2
        return features, self.classifier(x_bchw)


def build_network(architecture: Architecture, num_classes: int = 1000, use_se: bool = False, vanilla: bool = False) -> Network:
    """Return the network of an architecture, with PyTorch's default initialisation.

    Args:
        architecture: what to build.
        num_classes: logits.
        use_se: build squeeze-and-excitation where the families have a place for it.
        vanilla: build the twin without shortcuts and projections, which zero-shot proxies are computed on.

    Example:
        >>> import torch
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,1,8,1)")
        >>> build_network(arch, num_classes=10)(torch.zeros(2, 3, 32, 32)).shape
        torch.Size([2, 10])
    """
    return Network(architecture, num_classes, use_se, vanilla)


def _build_block(block: SuperBlock, use_se: bool, vanilla: bool, initialise: bool) -> nn.Sequential:
    if vanilla:
        return nn.Sequential(
            *(ConvUnit(conv, relu=True, initialise=initialise) for unit in block.units for conv in unit.backbone)
        )
    return nn.Sequential(
        *(ConvUnit(unit, use_se) if isinstance(unit, Conv) else ResidualUnit(unit, use_se) for unit in block.units)
    )
