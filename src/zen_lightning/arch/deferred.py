"""Architectures whose layers are known before their super-blocks are made."""

from collections.abc import Callable
from typing import Any

from zen_lightning.arch.architecture import Architecture
from zen_lightning.arch.block import SuperBlock

Blocks = tuple[SuperBlock, ...]


class DeferredArchitecture(Architecture):
    """An architecture that makes its super-blocks when they are first read, and is otherwise like any other.

    More than half of a search's candidates have too many layers, which their integers tell: their blocks are never made.

    Args:
        num_layers: the sum of all sub-layers of the blocks that will be made.
        make: returns the blocks.

    Example:
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,7)")
        >>> late = DeferredArchitecture(8, lambda: arch.blocks)
        >>> late.split().num_layers, late == arch, late.split() == arch.split()
        (8, True, True)
    """

    __slots__ = ("_layers", "_make")

    def __init__(self, num_layers: int, make: Callable[[], Blocks]) -> None:
        self._layers = num_layers
        self._make: Callable[[], Blocks] | None = make
        self._text = None

    def __getattr__(self, name: str) -> Any:
        """Make the blocks; Python asks here only for what is not there."""
        make = self._make if name == "blocks" else None
        if make is None:
            raise AttributeError(name)
        self.blocks = make()
        self._make = None  # It holds the parent.
        return self.blocks

    @property
    def num_layers(self) -> int:
        """The sum of all sub-layers."""
        return self._layers

    def split(self) -> Architecture:
        """Return the network as :meth:`Architecture.split` does, deferred too: a split leaves the number of layers as it is."""
        return DeferredArchitecture(self._layers, self._split_blocks)

    def _split_blocks(self) -> Blocks:
        return super().split().blocks
