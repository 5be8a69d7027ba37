"""The expansion of many blocks of one name at once: the channels of every convolution as arrays.

Everything that does not depend on widths (kernels, strides, groups, the limits of units) is read from an example block of that
name; a family only states the number of channels of each of its convolutions. Tests compare the counts made from these rows
with those of real blocks.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from zen_lightning.arch.block import SuperBlock, families, make_block
from zen_lightning.arch.primitives import Conv, Residual, Unit
from zen_lightning.arch.super_conv import SuperConv
from zen_lightning.arch.super_res import SuperResIDW, SuperResK1KK1, SuperResKK
from zen_lightning.search.exact.arrays import Bools, Ints

_WIDTH = 8
"""Width of example blocks, of which only kernels, strides and units are read: any would do."""


class ConvRow(NamedTuple):
    """One convolution of many blocks.

    Attributes:
        fan_in: input channels of one output channel; None for the input width of the block.
        out: output channels.
        conv: the convolution of an example block, for kernel, stride, bias and relu.
    """

    fan_in: Ints | None
    out: Ints
    conv: Conv


class UnitRow(NamedTuple):
    """One unit of many blocks.

    Attributes:
        unit: the unit of an example block.
        convs: its convolutions.
        projection: the projection of its shortcut; None if no block has one.
        projected: which blocks have the projection.
    """

    unit: Unit
    convs: tuple[ConvRow, ...]
    projection: ConvRow | None
    projected: Bools | bool


Channels = tuple[tuple[Ints, ...], ...]
"""Output channels of each convolution of each unit of a sub-layer."""

_Formula = Callable[[SuperBlock, Ints, Ints], Channels]
_formulas: list[tuple[type[SuperBlock], _Formula]] = []


def states_channels(family: type[SuperBlock]) -> Callable[[_Formula], _Formula]:
    """Register a function that states the channels of the convolutions of a family's sub-layer.

    The function takes an example block, out channels and bottleneck channels. A family whose first convolution is depthwise, or
    whose inner widths depend on the input width, cannot be stated in this way.

    Args:
        family: a family of super-blocks.
    """

    def register(formula: _Formula) -> _Formula:
        _formulas.append((family, formula))
        return formula

    return register


@states_channels(SuperConv)
def _conv(block: SuperBlock, out: Ints, bottleneck: Ints) -> Channels:
    return ((out,),)


@states_channels(SuperResKK)
def _basic(block: SuperBlock, out: Ints, bottleneck: Ints) -> Channels:
    return ((bottleneck, out),)


@states_channels(SuperResK1KK1)
def _bottleneck(block: SuperBlock, out: Ints, bottleneck: Ints) -> Channels:
    return ((bottleneck, bottleneck, out), (bottleneck, bottleneck, out))


@states_channels(SuperResIDW)
def _inverted(block: SuperBlock, out: Ints, bottleneck: Ints) -> Channels:
    assert isinstance(block, SuperResIDW)
    first, second = _rounded(bottleneck * block.expansion), _rounded(out * block.expansion)
    return (first, first, bottleneck), (second, second, out)


def _rounded(channels: Ints) -> Ints:
    """``round_to_8`` of whole numbers, half to even."""
    rounded: Ints = np.maximum(8, 8 * np.rint(channels / 8)).astype(np.int64)
    return rounded


def is_stated(name: str) -> bool:
    """Whether the channels of blocks of that name have been stated."""
    return any(issubclass(families[name], family) for family, _ in _formulas)


def example_block(name: str, stride: int, sub_layers: int = 2) -> SuperBlock:
    """Return a narrow block of that name, for its kernels, strides and units."""
    args = {"in_channels": _WIDTH, "out_channels": _WIDTH, "stride": stride, "sub_layers": sub_layers}
    return make_block(name, *(args.get(argument, _WIDTH) for argument in families[name].arguments))


def unit_rows(name: str, stride: int, out: Ints, bottleneck: Ints) -> tuple[list[UnitRow], list[UnitRow]]:
    """Return the units of the first sub-layer of many blocks, and those of each later one.

    Args:
        name: name of the blocks.
        stride: stride of the first sub-layer.
        out: out channels of each block.
        bottleneck: bottleneck channels of each block; ignored by families without one.
    """
    block = example_block(name, stride)
    formula = next(formula for family, formula in _formulas if isinstance(block, family))
    channels = formula(block, out, bottleneck)
    half = len(channels)
    return _rows(block.units[:half], channels, None), _rows(block.units[half:], channels, out)


def _rows(units: tuple[Unit, ...], channels: Channels, arrives: Ints | None) -> list[UnitRow]:
    rows = []
    for unit, outs in zip(units, channels, strict=True):
        convs = []
        fan_in = arrives
        for conv, out in zip(unit.backbone, outs, strict=True):
            one = np.ones_like(out)
            convs.append(ConvRow(one if conv.groups > 1 else fan_in, out, conv))
            fan_in = out
        projection, projected = _projection(unit, arrives, outs[-1])
        rows.append(UnitRow(unit, tuple(convs), projection, projected))
        arrives = outs[-1]
    return rows


def _projection(unit: Unit, arrives: Ints | None, leaves: Ints) -> tuple[ConvRow | None, Bools | bool]:
    """Return the projection of a unit's shortcut, and which blocks have it: all if forced or strided, else if widths differ."""
    if not isinstance(unit, Residual):
        return None, False
    if unit.projection is not None:
        return ConvRow(arrives, leaves, unit.projection), True
    assert arrives is not None, "the first unit of a block always has a projection"
    example = Conv(_WIDTH, _WIDTH, 1, bias=True, relu=False)
    return ConvRow(arrives, leaves, example), arrives != leaves
