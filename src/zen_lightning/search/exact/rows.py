"""The expansion of many blocks of one name at once: the channels of every convolution as arrays.

What does not depend on widths (kernels, strides, depthwise or not, where units begin) is read from a block of that name itself;
a family only states how many channels each of its convolutions has. Tests hold the counts made from these rows equal to
those of real blocks.
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


class ConvRow(NamedTuple):
    """One convolution of many blocks.

    Attributes:
        fan_in: input channels that one output channel reads; None for the width that arrives at the block.
        out: output channels.
        conv: the convolution of an example block: kernel, stride, bias, relu.
    """

    fan_in: Ints | None
    out: Ints
    conv: Conv


class UnitRow(NamedTuple):
    """One unit of many blocks.

    Attributes:
        unit: of an example block.
        convs: its convolutions.
        projection: that of its shortcut; None where no block has one.
        projected: which blocks have it.
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
    """Register how many channels the convolutions of a family's sub-layer have.

    The function takes an example block, out channels and bottleneck channels. A family whose first convolution is a depthwise
    one, or whose inner widths depend on the width that arrives, cannot be stated in this way.

    Args:
        family: of super-blocks.
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
    """Whether the channels of the blocks of that name are stated."""
    return any(issubclass(families[name], family) for family, _ in _formulas)


def example_block(name: str, stride: int, sub_layers: int = 2) -> SuperBlock:
    """Return a narrow block of that name: for its kernels, strides and units."""
    args = {"in_channels": _WIDTH, "out_channels": _WIDTH, "stride": stride, "sub_layers": sub_layers}
    return make_block(name, *(args.get(argument, _WIDTH) for argument in families[name].arguments))


def unit_rows(name: str, stride: int, out: Ints, bottleneck: Ints) -> tuple[list[UnitRow], list[UnitRow]]:
    """Return the units of the first sub-layer of many blocks, and those of each later one.

    Args:
        name: of the blocks.
        stride: of the first sub-layer.
        out: out channels of each block.
        bottleneck: bottleneck channels of each block; not read by families without one.
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
    """Return the projection of a unit's shortcut, and which blocks have it: forced or strided all, else where widths differ."""
    if not isinstance(unit, Residual):
        return None, False
    if unit.projection is not None:
        return ConvRow(arrives, leaves, unit.projection), True
    assert arrives is not None, "the first unit of a block always has a projection"
    example = Conv(_WIDTH, _WIDTH, 1, bias=True, relu=False)
    return ConvRow(arrives, leaves, example), arrives != leaves
