"""Which operations a profile measures: the corners of what the spaces hold, and operations drawn from random networks."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from zen_lightning.arch import Architecture
from zen_lightning.latency.operations import (
    ADD,
    CONV,
    DEPTHWISE,
    HEAD,
    IMAGE_CHANNELS,
    NORM,
    RELU,
    SE,
    STEM,
    Operation,
    network_operations,
)
from zen_lightning.latency.samples import sample_networks
from zen_lightning.latency.settings import LatencySettings

# The corners are a choice: from the narrowest to the widest that the two spaces hold (6,144 in an inverted bottleneck of
# expansion 6), with steps between that networks use. Errors of a profile made with them: docs/benchmarks.md, "Latency
# predicted".
_CORNER_WIDTHS = (8, 64, 512, 2048)
_POINTWISE_WIDTHS = (8, 24, 64, 256, 1024, 2048, 6144)
_PLAIN_WIDTHS = (8, 24, 48, 128, 320, 768, 2048, 6144)
_WIDEST = 6144
_RESOLUTIONS = (4, 7, 14, 28, 56, 128)
_DRAWN_FROM = 800
"""Random networks whose operations are drawn from. A choice: they have far more operations than are measured."""

_LARGEST_MAP = 8_000_000
"""Numbers of the largest feature map of one image. A choice: 1 GB of a batch of 64 in float16."""


@dataclass(frozen=True)
class Extent:
    """How much a profile measures. The defaults are a choice, bounded by the time of :func:`default_extent`.

    Attributes:
        flops: multiply-adds of the smallest and the largest of its networks, at 224 px.
        drawn: operations drawn for dense 3x3 convolutions of stride 1, beside their corners; other families get more or fewer.
        fitted: networks that the correction is fitted on.
        held_out: networks that the error is measured on.
        networks_from: how many random networks the operations are drawn from.
    """

    flops: tuple[float, float]
    drawn: int = 240
    fitted: int = 80
    held_out: int = 30
    networks_from: int = _DRAWN_FROM

    @property
    def heaviest(self) -> float:
        """Multiply-adds of the heaviest operation that is measured; a choice: 30% of the largest network."""
        return 0.3 * self.flops[1]


def default_extent(settings: LatencySettings) -> Extent:
    """Return the extent that takes under 30 minutes on a CPU and under 10 on a GPU: networks of 0.2 to 20 ms, 0.02 to 3 ms.

    A choice, bounded by that time: on two cores it took 12 min 30 s (docs/benchmarks.md, "Latency predicted").
    """
    return Extent((3e7, 3e10), drawn=140, fitted=60) if settings.on_gpu else Extent((8e6, 2.5e9))


def grid(settings: LatencySettings, extent: Extent, seed: int = 0) -> list[Operation]:
    """Return the operations to measure, in an order that spreads each family over the whole run.

    Args:
        settings: whether batch norms are operations of their own.
        extent: how many.
        seed: seed of the random numbers.
    """
    wanted = defaultdict(set)
    for operation in _corners(settings, extent):
        wanted[operation.family].add(operation)
    for family, pool in _drawable(settings, extent, seed).items():
        left = sorted(pool - wanted[family])
        Random(f"{seed}/{family}").shuffle(left)
        wanted[family].update(left[: _share(family, extent.drawn)])
    points = sorted(operation for family in wanted.values() for operation in family)
    Random(seed).shuffle(points)
    return points


def _share(family: str, drawn: int) -> int:
    """Return how many operations are drawn for a family. A choice: most where networks spend most of their time."""
    if family == f"{CONV}1s1":
        return 2 * drawn
    if family in (f"{CONV}3s1", f"{CONV}1s2"):
        return drawn
    return drawn // 2 if family.startswith(CONV) else drawn // 4


def _drawable(settings: LatencySettings, extent: Extent, seed: int) -> dict[str, set[Operation]]:
    """Return the operations of random networks, by family: most at 224 px, some at 32."""
    found: dict[str, set[Operation]] = defaultdict(set)
    for resolution, share, classes in ((224, 0.8, 1000), (32, 0.2, 100)):
        count = max(2, round(share * extent.networks_from))
        flops = extent.flops if resolution == 224 else (extent.flops[0] / 4, extent.flops[1] / 10)
        for network in sample_networks(count, flops, f"grid/{seed}/{resolution}", resolution):
            for operation in network_operations(network.blocks, resolution, classes, settings.fold_batch_norms):
                if occurs(operation, extent):
                    found[operation.family].add(operation)
    return found


def _corners(settings: LatencySettings, extent: Extent) -> list[Operation]:
    operations = []
    for kernel_size in (1, 3, 5, 7):
        widths = _POINTWISE_WIDTHS if kernel_size == 1 else _CORNER_WIDTHS
        for stride in (1, 2):
            for resolution in _RESOLUTIONS[stride - 1 :: 1 if kernel_size == 1 else 2]:
                operations += [
                    Operation(CONV, kernel_size, stride, arrives, leaves, resolution) for arrives in widths for leaves in widths
                ]
                if kernel_size > 1:
                    operations += [Operation(DEPTHWISE, kernel_size, stride, c, c, resolution) for c in _PLAIN_WIDTHS]
    for stride in (1, 2):
        for resolution in (32, 128, 256):
            operations += [Operation(STEM, 3, stride, IMAGE_CHANNELS, c, resolution) for c in (8, 24, 48, 96, 256, 768)]
    kinds = (RELU, ADD, SE) if settings.fold_batch_norms else (RELU, ADD, SE, NORM)
    for resolution in (*_RESOLUTIONS, 256):
        operations += [Operation(kind, 1, 1, c, c, resolution) for kind in kinds for c in _PLAIN_WIDTHS]
    for resolution in (1, 4, 7, 16):
        operations += [
            Operation(HEAD, 1, 1, c, classes, resolution) for c in (8, 64, 512, 2048, 4096) for classes in (2, 100, 1000)
        ]
    return [operation for operation in operations if occurs(operation, extent)]


def occurs(operation: Operation, extent: Extent) -> bool:
    """Whether an operation is one of those that are measured, or lies between them."""
    arrives, leaves = operation.in_channels * operation.resolution**2, operation.out_channels * operation.out_resolution**2
    return operation.macs <= extent.heaviest and max(arrives, leaves) <= _LARGEST_MAP and operation.in_channels <= _WIDEST


def reaches(extent: Extent) -> Callable[[Architecture], bool]:
    """Return whether a profile of this extent reaches all operations of a network at 224 px."""
    return lambda network: all(occurs(operation, extent) for operation in network_operations(network.blocks, 224, 1000))
