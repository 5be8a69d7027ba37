"""The PyTorch network of a row of super-blocks."""

from torch import nn

from zen_lightning.arch import Architecture
from zen_lightning.nets.plain_modules import build_units
from zen_lightning.nets.staged import StagedNetwork


class Network(StagedNetwork):
    """Super-blocks in a row, then a classifier.

    Attributes:
        use_se: whether it has squeeze-and-excitation.
        vanilla: whether it is the twin without shortcuts.
    """

    def __init__(
        self,
        architecture: Architecture,
        num_classes: int = 1000,
        use_se: bool = False,
        vanilla: bool = False,
        initialise: bool = True,
    ) -> None:
        if use_se and vanilla:
            raise ValueError("the vanilla twin has no squeeze-and-excitation: build it with use_se=False")
        blocks = [build_units(block.units, use_se, vanilla, initialise) for block in architecture.blocks]
        super().__init__(architecture, blocks, nn.Identity(), num_classes, initialise)
        self.use_se = use_se
        self.vanilla = vanilla
