"""The PyTorch network of a NAS-Bench-201 cell (https://arxiv.org/abs/2001.00326)."""

from functools import reduce

import torch
from torch import Tensor, nn

from zen_lightning.arch.cell import CellArchitecture, CellEdge, CellPart, Part, Reduction
from zen_lightning.arch.cell_parser import EDGES
from zen_lightning.arch.primitives import Conv
from zen_lightning.nets.modules import RawConv2d
from zen_lightning.nets.staged import StagedNetwork


class CellNetwork(StagedNetwork):
    """Stem, cells, residual blocks between the stages, batch norm and relu, then a classifier.

    Args:
        architecture: the cell to repeat.
        num_classes: number of logits.
        initialise: whether the weights get PyTorch's initialisation.
    """

    def __init__(self, architecture: CellArchitecture, num_classes: int = 10, initialise: bool = True) -> None:
        blocks = [_build_part(part, initialise) for part in architecture.expand()]
        channels = architecture.out_channels
        last = nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(inplace=True))
        super().__init__(architecture, blocks, last, num_classes, initialise)


class ActivatedConv(nn.Module):
    """Relu, convolution and batch norm, in this order; the input is not changed, as other edges may read it too.

    Args:
        conv: the primitive.
        initialise: whether the weights get PyTorch's initialisation.
    """

    def __init__(self, conv: Conv, initialise: bool = True) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.conv = _conv2d(conv, initialise)
        self.norm = nn.BatchNorm2d(conv.out_channels)

    def forward(self, x_bchw: Tensor) -> Tensor:
        """Return the feature map of this convolution."""
        out: Tensor = self.norm(self.conv(self.relu(x_bchw)))
        return out


class CellModule(nn.Module):
    """One cell: each node is the sum of its edges.

    Args:
        edges: the edges of the cell.
        initialise: whether the weights get PyTorch's initialisation.
    """

    def __init__(self, edges: tuple[CellEdge, ...], initialise: bool = True) -> None:
        super().__init__()
        self.operations = nn.ModuleDict(
            {f"{edge.source}to{edge.target}": _operation(edge, initialise) for edge in edges if edge.operation != "none"}
        )

    def forward(self, x_bchw: Tensor) -> Tensor:
        """Return the last node."""
        nodes = [x_bchw]
        for target in range(1, EDGES[-1][1] + 1):
            names = [(source, f"{source}to{target}") for source in range(target)]
            arriving = [self.operations[name](nodes[source]) for source, name in names if name in self.operations]
            # Zeros that stay in the autograd graph: a gradient through a cut cell is 0, not an error.
            nodes.append(reduce(torch.add, arriving) if arriving else x_bchw * 0)
        return nodes[-1]


class ReductionModule(nn.Module):
    """The residual block between two stages.

    Args:
        reduction: the primitive.
        initialise: whether the weights get PyTorch's initialisation.
    """

    def __init__(self, reduction: Reduction, initialise: bool = True) -> None:
        super().__init__()
        self.body = nn.Sequential(*(ActivatedConv(conv, initialise) for conv in reduction.body))
        # Odd sizes are rounded up, as by the convolution.
        self.pool = nn.AvgPool2d(2, ceil_mode=True)
        self.shortcut = _conv2d(reduction.shortcut, initialise)

    def forward(self, x_bchw: Tensor) -> Tensor:
        """Return the feature map, half the size and twice the width."""
        out: Tensor = self.body(x_bchw) + self.shortcut(self.pool(x_bchw))
        return out


def _build_part(part: Part, initialise: bool) -> nn.Sequential:
    if isinstance(part, CellPart):
        return nn.Sequential(*(CellModule(part.edges, initialise) for _ in range(part.repeats)))
    if isinstance(part, Reduction):
        return nn.Sequential(ReductionModule(part, initialise))
    return nn.Sequential(nn.Sequential(_conv2d(part, initialise), nn.BatchNorm2d(part.out_channels)))


def _operation(edge: CellEdge, initialise: bool) -> nn.Module:
    if edge.conv is not None:
        return ActivatedConv(edge.conv, initialise)
    if edge.operation == "avg_pool_3x3":
        return nn.AvgPool2d(3, stride=1, padding=1, count_include_pad=False)
    return nn.Identity()


def _conv2d(conv: Conv, initialise: bool) -> nn.Conv2d:
    return (nn.Conv2d if initialise else RawConv2d)(
        conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, padding=(conv.kernel_size - 1) // 2, bias=False
    )
