"""The modules of primitive blocks that are no units of super-blocks."""

import torch
from torch import Tensor, nn

from zen_lightning.arch.plain.containers import BranchBlock, Row, ShortcutBlock, SuperNode
from zen_lightning.arch.plain.layers import (
    AdaptiveAvgPool,
    BatchNorm,
    ConvLayer,
    Flatten,
    Linear,
    MaxPool,
    Relu,
    Squeeze,
    Swish,
)
from zen_lightning.arch.plain.node import Node
from zen_lightning.arch.primitives import Conv, Residual, Unit
from zen_lightning.nets.modules import BATCH_NORM_EPS, ConvUnit, RawConv2d, RawLinear, ResidualUnit, SqueezeExcite


class RowFlatten(nn.Module):
    """Makes a row of features of a map, and holds it as a map of one pixel, so that batch norms take both."""

    def forward(self, x_bchw: Tensor) -> Tensor:
        """Return shape (batch, features, 1, 1)."""
        return torch.flatten(x_bchw, 1)[:, :, None, None]


class RowLinear(nn.Module):
    """A linear layer on a row of features.

    Args:
        node: the primitive.
        initialise: whether the weights get PyTorch's initialisation.
    """

    def __init__(self, node: Linear, initialise: bool = True) -> None:
        super().__init__()
        self.linear = (nn.Linear if initialise else RawLinear)(node.in_channels, node.out_channels, node.bias)

    def forward(self, x_bchw: Tensor) -> Tensor:
        """Return shape (batch, features out, 1, 1)."""
        out: Tensor = self.linear(torch.flatten(x_bchw, 1))
        return out[:, :, None, None]


class Shortcut(nn.Module):
    """Blocks in a row, plus a shortcut; nothing follows the addition.

    Args:
        body: the blocks in a row.
        shortcut: the identity or a projection.
    """

    def __init__(self, body: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.body = body
        self.shortcut = shortcut

    def forward(self, x_bchw: Tensor) -> Tensor:
        """Return the feature map of this block."""
        out: Tensor = self.body(x_bchw) + self.shortcut(x_bchw)
        return out


class Branches(nn.Module):
    """Branches that read the same feature map.

    Args:
        branches: the branches.
        adds: whether their outputs are added; else they are put side by side.
    """

    def __init__(self, branches: list[nn.Module], adds: bool) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)
        self._adds = adds

    def forward(self, x_bchw: Tensor) -> Tensor:
        """Return the sum or the concatenation."""
        made = [branch(x_bchw) for branch in self.branches]
        if not self._adds:
            return torch.cat(made, 1)
        total: Tensor = made[0]
        for one in made[1:]:
            total = total + one
        return total


def build_units(units: tuple[Unit, ...], use_se: bool, vanilla: bool, initialise: bool) -> nn.Sequential:
    """Return the modules of a row of units.

    Args:
        units: of a super-block.
        use_se: whether to build squeeze-and-excitation where the families have it.
        vanilla: whether to leave out shortcuts, projections and squeeze-and-excitations.
        initialise: whether the weights get PyTorch's initialisation.
    """
    made: list[nn.Module] = []
    for unit in units:
        if isinstance(unit, Node):
            made.append(build_node(unit, use_se, vanilla, initialise))
        elif vanilla:
            made += [ConvUnit(conv, initialise=initialise, gated=False) for conv in unit.backbone]
        elif isinstance(unit, Conv):
            made.append(ConvUnit(unit, use_se, initialise=initialise))
        else:
            assert isinstance(unit, Residual), f"{type(unit).__name__} is a unit of another kind"
            made.append(ResidualUnit(unit, use_se, initialise=initialise))
    return nn.Sequential(*made)


def build_node(node: Node, use_se: bool, vanilla: bool, initialise: bool) -> nn.Module:
    """Return the module of a primitive block; see :func:`build_units`.

    No module writes into its input, which other branches may read.
    """
    settings = use_se, vanilla, initialise
    if isinstance(node, SuperNode):
        return build_units(node.block.units, *settings)
    if isinstance(node, Row):
        return nn.Sequential(*(build_node(part, *settings) for part in node.parts))
    if isinstance(node, ShortcutBlock):
        body = build_node(node.body, *settings)
        if vanilla or not node.body.parts:
            return body
        projection = ConvUnit(node.projection, initialise=initialise) if node.projection is not None else nn.Identity()
        return Shortcut(body, projection)
    if isinstance(node, BranchBlock):
        return Branches([build_node(branch, *settings) for branch in node.branches], node.adds)
    return _build_layer(node, vanilla, initialise)


def _build_layer(node: Node, vanilla: bool, initialise: bool) -> nn.Module:
    if isinstance(node, ConvLayer):
        padding = (node.kernel_size - 1) // 2
        make = nn.Conv2d if initialise else RawConv2d
        widths = node.in_channels, node.out_channels, node.kernel_size
        return make(*widths, stride=node.stride, padding=padding, groups=node.groups, bias=False)
    if isinstance(node, BatchNorm):
        return nn.BatchNorm2d(node.out_channels, eps=BATCH_NORM_EPS)
    if isinstance(node, Squeeze):
        return nn.Identity() if vanilla else SqueezeExcite(node.out_channels)
    if isinstance(node, MaxPool):
        return nn.MaxPool2d(node.kernel_size, node.stride, (node.kernel_size - 1) // 2)
    if isinstance(node, AdaptiveAvgPool):
        return nn.AdaptiveAvgPool2d(node.size)
    if isinstance(node, Linear):
        return RowLinear(node, initialise)
    plain: dict[type[Node], type[nn.Module]] = {Relu: nn.ReLU, Swish: nn.SiLU, Flatten: RowFlatten}
    return plain[type(node)]()
