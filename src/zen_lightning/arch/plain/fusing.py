"""Rows of primitive blocks as the units that super-blocks expand into, wherever they are exactly such units."""

from collections.abc import Sequence
from typing import NamedTuple

from zen_lightning.arch.plain.containers import Row, ShortcutBlock, SuperNode
from zen_lightning.arch.plain.layers import BatchNorm, ConvLayer, Relu
from zen_lightning.arch.plain.node import Node
from zen_lightning.arch.primitives import Conv, Residual, Unit, shared_conv


class Fused(NamedTuple):
    """Blocks of a row, and the units that they are.

    Attributes:
        nodes: the blocks.
        units: a convolution with its batch norm and relu, a residual unit with the relu after it, the units of a super-block;
            or the block itself, where it is nothing of that.
    """

    nodes: tuple[Node, ...]
    units: tuple[Unit, ...]


def fuse(nodes: Sequence[Node]) -> list[Fused]:
    """Return the blocks of a row in groups.

    Example:
        >>> from zen_lightning.arch.plain.parser import parse_nodes
        >>> [len(group.nodes) for group in fuse(parse_nodes("ConvKX(3,8,3,1)BN(8)RELU(8)MaxPool(8,3,2)"))]
        [3, 1]
    """
    groups: list[Fused] = []
    position = 0
    while position < len(nodes):
        found = _conv(nodes, position) or _residual(nodes, position) or _single(nodes[position])
        groups.append(found)
        position += len(found.nodes)
    return groups


def _conv(nodes: Sequence[Node], start: int) -> Fused | None:
    """Return a convolution and its batch norm, with a relu before or after where there is one."""
    relu_first = isinstance(nodes[start], Relu)
    at = start + relu_first
    conv, norm = (*nodes[at : at + 2], None, None)[:2]
    if not isinstance(conv, ConvLayer) or not isinstance(norm, BatchNorm) or conv.kernel_size % 2 == 0:
        return None
    end = at + 2
    relu = end < len(nodes) and isinstance(nodes[end], Relu)
    widths = conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.groups
    unit = shared_conv(*widths, relu=relu, relu_first=relu_first)
    return Fused(tuple(nodes[start : end + relu]), (unit,))


def _residual(nodes: Sequence[Node], start: int) -> Fused | None:
    """Return a shortcut around convolutions, with the relu after it where there is one."""
    node = nodes[start]
    if not isinstance(node, ShortcutBlock) or not node.body.parts:
        return None
    body = tuple(unit for group in fuse(node.body.parts) for unit in group.units)
    if not all(isinstance(unit, Conv) for unit in body):
        return None
    relu = start + 1 < len(nodes) and isinstance(nodes[start + 1], Relu)
    unit = Residual(body, node.projection, relu=relu)  # type: ignore[arg-type]
    return Fused(tuple(nodes[start : start + 1 + relu]), (unit,))


def _single(node: Node) -> Fused:
    if isinstance(node, SuperNode):
        return Fused((node,), node.block.units)
    if isinstance(node, Row):
        return Fused((node,), tuple(unit for group in fuse(node.parts) for unit in group.units))
    return Fused((node,), (node,))
