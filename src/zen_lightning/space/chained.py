"""Spaces whose networks form a chain, of which the exact optimiser knows every network."""

from abc import abstractmethod

from zen_lightning.arch import SuperBlock
from zen_lightning.space.blocks import BlockSpace


class Chained(BlockSpace):
    """A space of rows of super-blocks in which all blocks that are no ``SuperConv`` change in the same way.

    Mutations reach every name of :attr:`residual_names`, every number of sub-layers, and every width that is a multiple of 8,
    each block for itself. The exact optimiser (docs/optimum.md) reads nothing else of a space; a space of your own that keeps
    to this derives from it.

    Attributes:
        residual_names: names that a block may take, all with the same arguments.
        max_channels: the largest width; None for no limit.
    """

    any_width = True
    residual_names: tuple[str, ...]
    max_channels: int | None

    @abstractmethod
    def is_fixed(self, block: SuperBlock) -> bool:
        """Whether a ``SuperConv`` block never changes; else its width does, and it has one sub-layer."""
