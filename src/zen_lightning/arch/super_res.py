"""The residual families: ``SuperResK{k}K{k}``, ``SuperResK1K{k}K1`` and ``SuperResIDWE{e}K{k}``."""

from abc import abstractmethod
from collections.abc import Callable
from functools import lru_cache
from typing import Any, ClassVar

from zen_lightning.arch.block import SuperBlock, make_block, super_block
from zen_lightning.arch.primitives import Conv, Residual, shared_conv
from zen_lightning.arch.res_shapes import BASIC, BOTTLENECK, INVERTED, Cost, ResKind, ResShape, unit_cost

_SPLIT_FIRST = 3
"""Sub-layers of the first of two blocks after a split, as in the original."""

SHARED_UNITS = 50_000
"""Units of one kind kept in memory, the oldest dropped first. A choice: it bounds the memory of a search."""


@lru_cache(maxsize=10_000)
def round_to_8(channels: float) -> int:
    """Return the multiple of 8 nearest to ``channels`` (half to even), at least 8.

    Example:
        >>> round_to_8(20)
        16
    """
    return max(8, 8 * round(channels / 8))


def residual(*body: Conv, project: bool = False) -> Residual:
    """Return a residual unit around ``body``, with a projection where the shapes or ``project`` ask for one."""
    arrives, leaves = body[0].in_channels, body[-1].out_channels
    stride = max(conv.stride for conv in body)
    if not project and stride == 1 and arrives == leaves:
        return Residual(body)
    return Residual(body, shared_conv(arrives, leaves, 1, stride, bias=True, relu=False))


@lru_cache(SHARED_UNITS)
def basic_unit(arrives: int, middle: int, leaves: int, kernel_size: int, stride: int, project: bool) -> Residual:
    """Return the basic residual unit: k x k to the middle width, k x k out. Units are shared between blocks."""
    return residual(
        shared_conv(arrives, middle, kernel_size, stride, squeeze_excite=True),
        shared_conv(middle, leaves, kernel_size, relu=False),
        project=project,
    )


@lru_cache(SHARED_UNITS)
def bottleneck_unit(arrives: int, middle: int, leaves: int, kernel_size: int, stride: int, project: bool) -> Residual:
    """Return the bottleneck residual unit: 1 x 1 to the middle width, k x k, 1 x 1 out."""
    return residual(
        shared_conv(arrives, middle, 1),
        shared_conv(middle, middle, kernel_size, stride, squeeze_excite=True),
        shared_conv(middle, leaves, 1, relu=False),
        project=project,
    )


@lru_cache(SHARED_UNITS)
def inverted_unit(arrives: int, middle: int, leaves: int, kernel_size: int, stride: int, project: bool) -> Residual:
    """Return the inverted residual unit: 1 x 1 to the middle width, depthwise k x k, 1 x 1 back."""
    return residual(
        shared_conv(arrives, middle, 1),
        shared_conv(middle, middle, kernel_size, stride, groups=middle, squeeze_excite=True),
        shared_conv(middle, leaves, 1, relu=False),
        project=project,
    )


_MAKERS: dict[ResKind, Callable[..., Residual]] = {
    BASIC: basic_unit,
    BOTTLENECK: bottleneck_unit,
    INVERTED: inverted_unit,
}


class SuperRes(SuperBlock):
    """What the residual families share: the bottleneck, the row of sub-layers, the split.

    A family says the integers of its units by :meth:`shapes`, from which both the units and the formulas follow. One that
    overrides :meth:`sub_layer` or :meth:`expand` instead is read through its units alone.

    Attributes:
        kind: class attribute, the kind of its units.
        by_formula: class attribute, whether counts and the closed form read the integers of the units, not the units.
    """

    arguments = ("in_channels", "out_channels", "stride", "bottleneck_channels", "sub_layers")
    split_from = 6  # As in the original, whose published structures depend on it.
    kind: ClassVar[ResKind]

    bottleneck_channels: int
    kernel_size: int

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if not {"sub_layer", "expand", "units"}.isdisjoint(vars(cls)):
            cls.by_formula = False
        elif "kind" in vars(cls):
            cls.by_formula = True

    def unpack(self, args: tuple[int, ...]) -> None:
        """Set an attribute for each argument."""
        self.in_channels, self.out_channels, self.stride, self.bottleneck_channels, self.sub_layers = args

    @abstractmethod
    def shapes(self, in_channels: int, stride: int) -> tuple[ResShape, ...]:
        """Return the integers of the residual units of one sub-layer."""

    def sub_layer(self, in_channels: int, stride: int, project: bool) -> tuple[Residual, ...]:
        """Return the residual units of one sub-layer; ``project`` holds for the first of them."""
        make = _MAKERS[self.kind]
        first, *later = self.shapes(in_channels, stride)
        return make(*first, project), *(make(*shape, False) for shape in later)

    def expand(self) -> tuple[Residual, ...]:
        """Return the units of all sub-layers: stride, input width and forced projection belong to the first."""
        first = self.sub_layer(self.in_channels, self.stride, True)
        if self.sub_layers == 1:
            return first
        return first + self.sub_layer(self.out_channels, 1, False) * (self.sub_layers - 1)

    def all_shapes(self) -> tuple[ResShape, ...]:
        """Return the integers of the units of all sub-layers, in order."""
        first = self.shapes(self.in_channels, self.stride)
        if self.sub_layers == 1:
            return first
        return first + self.shapes(self.out_channels, 1) * (self.sub_layers - 1)

    def cost(self, resolution: int) -> Cost:
        """Return the counts of all units for an input at a resolution, from their integers."""
        kind, repeats = self.kind, self.sub_layers - 1
        first, *rest = self.shapes(self.in_channels, self.stride)
        size, params, flops = unit_cost(kind, first, True, resolution)
        for shape in rest:
            _, more_params, more_flops = unit_cost(kind, shape, False, size)
            params, flops = params + more_params, flops + more_flops
        if repeats:
            for shape in self.shapes(self.out_channels, 1):
                _, more_params, more_flops = unit_cost(kind, shape, False, size)
                params, flops = params + repeats * more_params, flops + repeats * more_flops
        return size, params, flops

    def split(self) -> tuple[SuperBlock, ...]:
        """Return two blocks, of 3 and of the other sub-layers, for a block of 6 or more."""
        if self.sub_layers < self.split_from:
            return (self,)
        rest = (self.out_channels, self.out_channels, 1, self.bottleneck_channels, self.sub_layers - _SPLIT_FIRST)
        return self.replace(sub_layers=_SPLIT_FIRST), make_block(self.name, *rest)


@super_block("SuperResK{kernel_size}K{kernel_size}", kernel_size=(3, 5, 7))
class SuperResKK(SuperRes):
    """Per sub-layer one basic residual unit."""

    kind = BASIC

    def shapes(self, in_channels: int, stride: int) -> tuple[ResShape, ...]:
        """Return those of the one unit."""
        return ((in_channels, self.bottleneck_channels, self.out_channels, self.kernel_size, stride),)


@super_block("SuperResK1K{kernel_size}K1", kernel_size=(3, 5, 7))
class SuperResK1KK1(SuperRes):
    """Per sub-layer two bottleneck residual units."""

    kind = BOTTLENECK

    def shapes(self, in_channels: int, stride: int) -> tuple[ResShape, ...]:
        """Return those of the two units; the first has stride and input width."""
        middle, out, k = self.bottleneck_channels, self.out_channels, self.kernel_size
        return (in_channels, middle, out, k, stride), (out, middle, out, k, 1)


@super_block("SuperResIDWE{expansion}K{kernel_size}", expansion=(1, 2, 4, 6), kernel_size=(3, 5, 7))
class SuperResIDW(SuperRes):
    """Per sub-layer two inverted residual units with a depthwise convolution: first to the bottleneck, then out."""

    kind = INVERTED
    expansion: int

    def shapes(self, in_channels: int, stride: int) -> tuple[ResShape, ...]:
        """Return those of the two units; each expands its output width."""
        middle, out, k = self.bottleneck_channels, self.out_channels, self.kernel_size
        expansion = self.expansion
        return (
            (in_channels, round_to_8(middle * expansion), middle, k, stride),
            (middle, round_to_8(out * expansion), out, k, 1),
        )
