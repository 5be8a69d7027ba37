"""Primitive blocks in the place of a super-block."""

from zen_lightning.arch.block import SuperBlock
from zen_lightning.arch.plain.fusing import Fused
from zen_lightning.arch.plain.genet import GenetBlock
from zen_lightning.arch.plain.node import Node
from zen_lightning.arch.primitives import Conv, Residual, Unit
from zen_lightning.errors import UserError


class PlainBlock(SuperBlock):
    """One or several primitive blocks that make one or several units; it belongs to no family, and nothing in it is free.

    Args:
        fused: the blocks, and the units that they are.

    Attributes:
        nodes: the blocks.
        kind: what the field calls it: ``conv``, ``residual``, or its name.
    """

    def __init__(self, fused: Fused) -> None:
        self.nodes: tuple[Node, ...] = fused.nodes
        self._text = "".join(node.text for node in self.nodes)
        self.name = self._text  # type: ignore[misc]
        super().__init__(())
        self._units = fused.units
        self.kind = self._kind()

    def unpack(self, args: tuple[int, ...]) -> None:
        """Read what other blocks have as arguments from the blocks in it."""
        self.in_channels, self.out_channels = self.nodes[0].in_channels, self.nodes[-1].out_channels
        self.sub_layers = sum(node.layers for node in self.nodes)
        self.stride = 1
        for node in self.nodes:
            self.stride *= node.stride

    def expand(self) -> tuple[Unit, ...]:
        """Return its units."""
        return self.units

    @property
    def text(self) -> str:
        """The blocks as written."""
        return self._text

    def replace(self, **changes: int) -> SuperBlock:
        """Refuse: it has no integers to change.

        Raises:
            UserError: always.
        """
        raise unchanged(self)

    def with_in_channels(self, channels: int) -> SuperBlock:
        """Refuse, unless nothing would change.

        Raises:
            UserError: other in channels than it has.
        """
        if channels != self.in_channels:
            raise unchanged(self)
        return self

    def _kind(self) -> str:
        if len(self.units) == 1 and isinstance(self.units[0], Conv):
            self.kernel_size = self.units[0].kernel_size
            return "conv" if self.units[0].relu else "linear conv"
        if len(self.units) == 1 and isinstance(self.units[0], Residual):
            return "residual"
        return self.nodes[0].text.partition("(")[0]

    def __reduce__(self) -> tuple[type["PlainBlock"], tuple[Fused]]:  # type: ignore[override]
        return PlainBlock, (Fused(self.nodes, self.units),)


def is_primitive(block: SuperBlock) -> bool:
    """Whether a block belongs to no family of super-blocks: primitive blocks, and the blocks of GENet."""
    return isinstance(block, PlainBlock | GenetBlock)


def unchanged(block: SuperBlock) -> UserError:
    """Return the error about a search that would change primitive blocks."""
    what = f"a search does not change primitive blocks such as {block.text}"
    return UserError(what, remedy="write the start in super-blocks, such as SuperConvK3BNRELU or SuperResK3K3")
