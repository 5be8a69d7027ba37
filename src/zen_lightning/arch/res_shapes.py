"""Residual units as integers: what counts and the closed form of the residual families need, without a unit or a convolution.

A search makes hundreds of thousands of blocks that are read once. These formulas stand beside the expansion in
:mod:`zen_lightning.arch.super_res`; tests hold both equal, over thousands of random blocks.
"""

from functools import lru_cache

Cost = tuple[int, int, int]
"""Height and width of an output, parameters, and multiply-adds."""


ResKind = int
"""How the convolutions of a residual unit read each other: one of the three below. A plain number, whose hash is quick."""

BASIC, BOTTLENECK, INVERTED = range(3)
"""k x k, k x k; or 1 x 1, k x k, 1 x 1; or the same with a depthwise k x k."""

ResShape = tuple[int, int, int, int, int]
"""The integers of a residual unit: channels in, channels of its inner convolutions, channels out, the kernel of its k x k
convolutions, and the stride of the first of these. A plain tuple: it is made a million times in a search."""


def conv_widths(kind: ResKind, shape: ResShape) -> tuple[tuple[int, int], ...]:
    """Return for each convolution the channels that one output reads, and the channels out.

    Example:
        >>> conv_widths(INVERTED, (8, 48, 16, 3, 2))
        ((8, 48), (1, 48), (48, 16))
    """
    arrives, middle, leaves, _, _ = shape
    if kind == BASIC:
        return (arrives, middle), (middle, leaves)
    return (arrives, middle), (1 if kind == INVERTED else middle, middle), (middle, leaves)


@lru_cache(1_000)
def conv_kernels(kind: ResKind, kernel_size: int, stride: int) -> tuple[tuple[int, int, bool, bool], ...]:
    """Return for each convolution kernel, stride, and whether a relu comes before and after it; the last is that of the sum."""
    inner, plain = (kernel_size, stride, False, True), (1, 1, False, True)
    return (inner, (kernel_size, 1, False, True)) if kind == BASIC else (plain, inner, plain)


def unit_cost(kind: ResKind, shape: ResShape, project: bool, resolution: int) -> Cost:
    """Return the counts of a unit, batch norms and projection included, without squeeze-and-excitation.

    Args:
        kind: its convolutions.
        shape: its integers.
        project: whether it has a projection even where stride and widths ask for none.
        resolution: height and width of the input.

    Example:
        >>> unit_cost(BASIC, (8, 8, 8, 3, 1), project=False, resolution=32)
        (32, 1184, 1179648)
    """
    arrives, middle, leaves, kernel_size, stride = shape
    size = (resolution - 1) // stride + 1  # Of every odd kernel with its padding.
    before, after = resolution * resolution, size * size
    taps = kernel_size * kernel_size
    if kind == BASIC:
        first, second = arrives * middle * taps, middle * leaves * taps
        params, flops = first + second + 2 * (middle + leaves), after * (first + second)
    else:
        first, last = arrives * middle, middle * leaves
        inner = middle * taps if kind == INVERTED else middle * middle * taps
        params, flops = first + inner + last + 4 * middle + 2 * leaves, before * first + after * (inner + last)
    if project or stride != 1 or arrives != leaves:
        weights = arrives * leaves
        params, flops = (
            params + weights + 3 * leaves,
            flops + after * weights,
        )  # The projection has a bias beside its batch norm.
    return size, params, flops
