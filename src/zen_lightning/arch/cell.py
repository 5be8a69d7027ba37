"""Cells of NAS-Bench-201 (https://arxiv.org/abs/2001.00326): four nodes, an operation on each of the six edges between them."""

from dataclasses import dataclass

from zen_lightning.arch.base import BaseArchitecture, StageSummary
from zen_lightning.arch.cell_parser import CHOICES, EDGES, parse_operations
from zen_lightning.arch.liveness import Step, conv_steps, most_alive, peak_of_classifier
from zen_lightning.arch.primitives import Conv
from zen_lightning.errors import UserError

CHANNELS = (16, 32, 64)
"""Width of each stage, by the benchmark's paper, Section 2."""

CELLS = 5
"""Cells of each stage, all the same, by the benchmark's paper, Section 2."""

_KERNELS = {"nor_conv_1x1": 1, "nor_conv_3x3": 3}


@dataclass(frozen=True, slots=True)
class CellEdge:
    """One edge of a cell.

    Attributes:
        source: the node it starts from; node 0 is the cell's input.
        target: the node to whose sum it contributes; node 3 is the cell's output.
        operation: ``none``, ``skip_connect``, ``nor_conv_1x1``, ``nor_conv_3x3`` or ``avg_pool_3x3``.
        conv: the convolution of the edge (relu, convolution, batch norm in this order); None without one.
    """

    source: int
    target: int
    operation: str
    conv: Conv | None


@dataclass(frozen=True, slots=True)
class CellPart:
    """Cells of one width.

    Attributes:
        channels: channels in and out.
        edges: the edges of the cell, in the order of its text.
        repeats: number of such cells in a row.
    """

    channels: int
    edges: tuple[CellEdge, ...]
    repeats: int


@dataclass(frozen=True, slots=True)
class Reduction:
    """The residual block between two stages: halves the size and doubles the width.

    Attributes:
        body: two 3 x 3 convolutions, each after a relu and before a batch norm.
        shortcut: a 1 x 1 convolution after a 2 x 2 average pooling, without bias or batch norm.
    """

    body: tuple[Conv, Conv]
    shortcut: Conv


Part = Conv | CellPart | Reduction
"""A part of the network of a cell: the stem, then cells and reductions in turn."""


class CellArchitecture(BaseArchitecture):
    """A network of NAS-Bench-201, given by its cell.

    A 3 x 3 stem of 16 channels with batch norm; five cells at 16, a residual block that halves the size, five cells at 32,
    another such block, five cells at 64; batch norm, relu, global pooling, a linear layer.

    Example:
        >>> cell = CellArchitecture.parse(
        ...     "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|"
        ... )
        >>> cell.flops(resolution=32, num_classes=10), cell.num_params(num_classes=10)
        (153272960, 1073466)
    """

    __slots__ = ("operations",)

    def __init__(self, operations: tuple[str, ...]) -> None:
        if len(operations) != len(EDGES) or not set(operations) <= set(CHOICES):
            expected = f"{len(EDGES)} operations, each one of {', '.join(CHOICES)}"
            raise UserError(key="operations", value=operations, expected=expected)
        self.operations = operations

    @classmethod
    def parse(cls, text: str) -> "CellArchitecture":
        """Return the architecture that a cell string ``|op~0|+|op~0|op~1|+|op~0|op~1|op~2|`` names.

        Raises:
            ArchitectureError: with the position and what was expected there.
        """
        return cls(parse_operations(text))

    def expand(self) -> tuple[Part, ...]:
        """Return the parts of the network between the image and the last batch norm, in order."""
        parts: list[Part] = [Conv(3, CHANNELS[0], 3, relu=False)]
        previous = CHANNELS[0]
        for channels in CHANNELS:
            if channels != previous:
                body = (Conv(previous, channels, 3, stride=2), Conv(channels, channels, 3))
                parts.append(Reduction(body, Conv(previous, channels, 1)))
            parts.append(CellPart(channels, self._edges(channels), CELLS))
            previous = channels
        return tuple(parts)

    def _edges(self, channels: int) -> tuple[CellEdge, ...]:
        return tuple(
            CellEdge(*edge, operation, Conv(channels, channels, _KERNELS[operation]) if operation in _KERNELS else None)
            for edge, operation in zip(EDGES, self.operations, strict=True)
        )

    @property
    def num_layers(self) -> int:
        """Convolutions of the network: stem, cells, and the bodies of the residual blocks."""
        return sum(row.layers for row in self.summary(32))

    @property
    def out_channels(self) -> int:
        """Channels of the last feature map, the classifier's input."""
        return CHANNELS[-1]

    def num_params(self, num_classes: int = 1000, use_se: bool = False) -> int:
        """Return the trainable parameters, classifier included. There is no place for squeeze-and-excitation."""
        return sum(row.params for row in self.summary(32, num_classes))

    def flops(self, resolution: int, num_classes: int = 1000, use_se: bool = False) -> int:
        """Return the multiply-adds of convolutions and classifier for one image, at a resolution of 1 or more."""
        if resolution < 1:
            raise UserError(key="resolution", value=resolution, expected="1 or more")
        return sum(row.flops for row in self.summary(resolution, num_classes))

    def peak_activations(self, resolution: int, num_classes: int = 1000, use_se: bool = False) -> int:
        """Return the most elements of feature maps that are alive at once, for one image; see the base class."""
        if resolution < 1:
            raise UserError(key="resolution", value=resolution, expected="1 or more")
        most, size = 0, resolution
        for part in self.expand():
            if isinstance(part, CellPart):
                arrives, (steps, leaves) = part.channels * size**2, _cell_steps(part, size)
            else:
                first = part if isinstance(part, Conv) else part.body[0]
                arrives = first.in_channels * size**2
                steps = conv_steps(first, size, 0, 0) if isinstance(part, Conv) else _reduction_steps(part, size)
                size, leaves = first.output_size(size), len(steps)
            most = max(most, most_alive(arrives, steps, leaves))
        return max(most, peak_of_classifier(self.out_channels * size**2, self.out_channels, num_classes))

    def split(self) -> "CellArchitecture":
        """Return itself."""
        return self

    def summary(self, resolution: int, num_classes: int = 1000, use_se: bool = False) -> list[StageSummary]:
        """Return a row for the stem, for the cells of each stage, for each residual block, and for the classifier."""
        rows = []
        stage, size = 1, resolution
        for part in self.expand():
            if isinstance(part, Conv):
                name, layers, params, flops = "stem", 1, part.num_params(), part.flops(size)
                channels = part.out_channels
            elif isinstance(part, CellPart):
                convs = [edge.conv for edge in part.edges if edge.conv is not None]
                name, channels, layers = f"{part.repeats} cells", part.channels, part.repeats * len(convs)
                params = part.repeats * sum(conv.num_params() for conv in convs)
                flops = part.repeats * sum(conv.flops(size) for conv in convs)
            else:
                first, second = part.body
                out = first.output_size(size)
                weights = part.shortcut.in_channels * part.shortcut.out_channels
                name, channels, layers = "residual block", first.out_channels, 2
                params = first.num_params() + second.num_params() + weights
                flops = first.flops(size) + second.flops(out) + weights * out**2
                stage, size = stage + 1, out
            rows.append(StageSummary(name, stage, size, channels, layers, params, flops))
        weights = self.out_channels * num_classes
        last = StageSummary("classifier", stage + 1, 1, num_classes, 0, 2 * self.out_channels + weights + num_classes, weights)
        return [*rows, last]

    def __str__(self) -> str:
        edges = iter(zip(EDGES, self.operations, strict=True))
        nodes: dict[int, str] = {}
        for (source, target), operation in edges:
            nodes[target] = nodes.get(target, "|") + f"{operation}~{source}|"
        return "+".join(nodes.values())

    def __repr__(self) -> str:
        return f"CellArchitecture.parse({str(self)!r})"

    def __hash__(self) -> int:
        return hash(self.operations)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CellArchitecture) and self.operations == other.operations

    def __reduce__(self) -> tuple[type["CellArchitecture"], tuple[tuple[str, ...]]]:
        return CellArchitecture, (self.operations,)


def _cell_steps(part: CellPart, size: int) -> tuple[list[Step], int]:
    """Return the steps of one cell, node by node, and the map of its last node.

    All edges into a node are worked out before they are added, as in the built network. A skip hands its node on as it is, and
    relus before convolutions copy a map that is still to be read.
    """
    elements = part.channels * size**2
    steps: list[Step] = []
    nodes = [0]
    for target in range(1, EDGES[-1][1] + 1):
        arriving = []
        for edge in part.edges:
            if edge.target != target or edge.operation == "none":
                continue
            source = nodes[edge.source]
            if edge.conv is not None:
                steps.append(Step((source,), elements, pointwise=True))
                steps.append(Step((len(steps),), elements))
            elif edge.operation != "skip_connect":
                steps.append(Step((source,), elements))
            arriving.append(source if edge.operation == "skip_connect" else len(steps))
        if not arriving:
            steps.append(Step((0,), elements, pointwise=True))  # Zeros.
            arriving = [len(steps)]
        total = arriving[0]
        for one in arriving[1:]:
            steps.append(Step((total, one), elements, pointwise=True))
            total = len(steps)
        nodes.append(total)
    return steps, nodes[-1]


def _reduction_steps(part: Reduction, size: int) -> list[Step]:
    """Return the steps of the residual block between two stages."""
    first, second = part.body
    out = first.output_size(size)
    shrunk, grown = first.in_channels * out**2, first.out_channels * out**2
    assert second.out_channels == first.out_channels
    return [
        Step((0,), first.in_channels * size**2, pointwise=True),  # A copy: the pooling of the shortcut reads the map too.
        Step((1,), grown),
        Step((2,), grown),
        Step((0,), shrunk),
        Step((4,), grown),
        Step((3, 5), grown, pointwise=True),
    ]
