"""Architectures with primitive blocks."""

from zen_lightning.arch.architecture import Architecture
from zen_lightning.arch.base import StageSummary
from zen_lightning.arch.block import SuperBlock
from zen_lightning.arch.counting import count_block
from zen_lightning.arch.liveness import Step, most_alive, peak_of_classifier
from zen_lightning.arch.plain.block import PlainBlock
from zen_lightning.arch.plain.containers import Row, SuperNode
from zen_lightning.arch.plain.fusing import fuse
from zen_lightning.arch.plain.layers import AdaptiveAvgPool, Flatten, Linear, Pointwise
from zen_lightning.arch.plain.node import Node
from zen_lightning.arch.plain.parser import parse_nodes
from zen_lightning.arch.primitives import Part
from zen_lightning.errors import UserError

_HEAD = (AdaptiveAvgPool, Flatten, Linear, Pointwise)
_STARTS_HEAD = (AdaptiveAvgPool, Flatten)


class PlainArchitecture(Architecture):
    """A network of primitive blocks, with super-blocks among them.

    Rows of convolution, batch norm and relu, and shortcuts around them, are the same units as those of super-blocks: such a
    network has the counts, the closed form and the drawings of any other. What ends the text (``AdaptiveAvgPool``, ``Flatten``,
    ``Linear``, and what stands between them) is the head; without one the network has the usual one.

    Args:
        nodes: the blocks of the text, each able to read what the one before gives.

    Attributes:
        head: the blocks from the last pooling on; empty where the network has the usual head.
        own_classes: classes of its own last ``Linear``; None where the classifier is as large as asked.
        foreign_part: the first block that is no unit of convolutions, batch norms and relus; None without one.

    Example:
        >>> arch = PlainArchitecture.parse("ConvKX(3,8,3,2)BN(8)RELU(8)MaxPool(8,3,2)AdaptiveAvgPool(8,1)")
        >>> arch.num_params(num_classes=10), arch.flops(resolution=32, num_classes=10), arch.num_layers
        (322, 55376, 1)
    """

    __slots__ = ("_features", "_nodes", "_pools", "foreign_part", "head", "own_classes")

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self._nodes = nodes
        leaves = [leaf for node in nodes for leaf in _spliced(node)]
        start = len(leaves)
        for place in range(len(leaves) - 1, -1, -1):
            if not isinstance(leaves[place], _HEAD):
                break
            if isinstance(leaves[place], _STARTS_HEAD):
                start = place
        self.head = tuple(leaves[start:])
        blocks: list[SuperBlock] = []
        for group in fuse(leaves[:start]):
            first = group.nodes[0]
            blocks.append(first.block if isinstance(first, SuperNode) else PlainBlock(group))
        if not blocks:
            what = f"{leaves[0].text} is all there is: a network has a block before its head"
            raise UserError(what, expected="a block such as ConvKX(3,16,3,1)")
        super().__init__(tuple(blocks))
        self._text = "".join(node.text for node in nodes)
        self.foreign_part = next((unit for block in blocks for unit in block.units if isinstance(unit, Part)), None)
        last = self.head[-1] if self.head else None
        self.own_classes = last.out_channels if isinstance(last, Linear) else None
        self._pools = last is None or isinstance(last, Pointwise)
        self._features = last.out_channels if last is not None else self.out_channels
        if isinstance(last, AdaptiveAvgPool):
            self._features = last.out_channels * last.size**2

    @classmethod
    def parse(cls, text: str, in_channels: int = 3) -> "PlainArchitecture":
        """Return the architecture that a text names; see :meth:`Architecture.parse`."""
        return cls(parse_nodes(text, in_channels))

    @property
    def num_layers(self) -> int:
        """Sub-layers of the super-blocks, and convolutions and linear layers of the primitive blocks.

        Projections of shortcuts and the convolutions of squeeze-and-excitations do not count, nor does the classifier.
        """
        own = sum(node.layers for node in self.head) - (self.own_classes is not None)
        return sum(block.sub_layers for block in self.blocks) + own

    @property
    def pools(self) -> bool:
        """Whether the classifier begins with a global pooling of its own."""
        return self._pools

    @property
    def features(self) -> int:
        """Inputs of the classifier's linear layer, where the network has none of its own."""
        return self._features

    def check_classes(self, num_classes: int) -> None:
        """Check that the classes asked are those of its own last layer.

        Raises:
            UserError: they are others.
        """
        if self.own_classes is not None and num_classes != self.own_classes:
            what = f"the network ends in {self.head[-1].text}, which gives {self.own_classes} classes, not {num_classes}"
            raise UserError(what, key="num_classes", remedy=f"set {{num_classes}}={self.own_classes}")

    def num_params(self, num_classes: int = 1000, use_se: bool = False) -> int:
        """Return the trainable parameters of the network as built, classifier included."""
        self.check_classes(num_classes)
        return sum(_params(block, use_se) for block in self.blocks) + self._head_params(num_classes, use_se)

    def summary(self, resolution: int, num_classes: int = 1000, use_se: bool = False) -> list[StageSummary]:
        """Return a row for each block and one for the classifier, which includes the head; they add up to the totals."""
        *rows, last = super().summary(resolution, num_classes, use_se)
        params, flops = self._head_params(num_classes, use_se), self._head_flops(rows[-1].resolution, num_classes, use_se)
        return [*rows, last._replace(params=params, flops=flops, layers=0)]

    def peak_activations(self, resolution: int, num_classes: int = 1000, use_se: bool = False) -> int:
        """Return the most elements of feature maps that are alive at once, for one image; see the base class."""
        self.check_classes(num_classes)
        most, size = self._peak_of_blocks(resolution, use_se)
        channels = self.out_channels
        steps: list[Step] = []
        source, arrives, left = 0, channels * size**2, size
        for node in self.head:
            source, left = node.add_steps(steps, left, source, use_se), node.output_size(left)
        most = max(most, most_alive(arrives, steps, source))
        if self.own_classes is not None:
            return most
        maps = steps[source - 1].elements if source else arrives
        return max(most, peak_of_classifier(maps if self._pools else 0, self._features, num_classes))

    def _count(self, resolution: int, num_classes: int, use_se: bool) -> tuple[int, int]:
        self.check_classes(num_classes)
        rows = self.summary(resolution, num_classes, use_se)
        return sum(row.params for row in rows), sum(row.flops for row in rows)

    def _head_params(self, num_classes: int, use_se: bool) -> int:
        own = sum(node.num_params(use_se) for node in self.head)
        return own + (0 if self.own_classes is not None else (self._features + 1) * num_classes)

    def _head_flops(self, size: int, num_classes: int, use_se: bool) -> int:
        total = 0 if self.own_classes is not None else self._features * num_classes
        for node in self.head:
            total += node.flops(size, use_se)
            size = node.output_size(size)
        return total

    def __hash__(self) -> int:
        return hash(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PlainArchitecture) and self._nodes == other._nodes

    def __reduce__(self) -> tuple[type["PlainArchitecture"], tuple[tuple[Node, ...]]]:  # type: ignore[override]
        return PlainArchitecture, (self._nodes,)


def _params(block: SuperBlock, use_se: bool) -> int:
    """Return the parameters of a block, at whatever resolution it can be run."""
    if isinstance(block, PlainBlock):
        return sum(node.num_params(use_se) for node in block.nodes)
    return count_block(block, 32, use_se).params


def _spliced(node: Node) -> list[Node]:
    """Return a block of the top level; the blocks in it where it is a row that holds a part of the head."""
    if isinstance(node, Row) and node.text.startswith("Sequential(") and any(_is_head(part) for part in node.parts):
        return [leaf for part in node.parts for leaf in _spliced(part)]
    return [node]


def _is_head(node: Node) -> bool:
    if isinstance(node, Row):
        return any(_is_head(part) for part in node.parts)
    return isinstance(node, (*_STARTS_HEAD, Linear))
