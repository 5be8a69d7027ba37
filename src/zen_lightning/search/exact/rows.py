"""The expansion of many blocks of one name at once: the channels of every convolution as arrays.

Everything that does not depend on widths (kernels, strides, groups, the limits of units) is read from example blocks of that
name; a family only states the number of channels of each of its convolutions. Tests compare the counts made from these rows
with those of real blocks.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from zen_lightning.arch.block import SuperBlock, families, make_block
from zen_lightning.arch.mb_conv import MBConv
from zen_lightning.arch.primitives import Conv, Residual, Unit
from zen_lightning.arch.super_conv import SuperConv
from zen_lightning.arch.super_res import SuperResIDW, SuperResK1KK1, SuperResKK
from zen_lightning.search.exact.arrays import Bools, Ints

_WIDTH = 64
"""Width of example blocks, of which only kernels, strides and units are read: any would do that groups divide."""

_WIDTHS = {"in_channels": 192, "out_channels": 128, "bottleneck_channels": 256}
"""Widths of an example block of which none agree. A choice."""


class ConvRow(NamedTuple):
    """One convolution of many blocks.

    Attributes:
        fan_in: input channels of one output channel; None for the input width of the block.
        out: output channels.
        conv: the convolution of an example block, for kernel, stride, bias and relu.
        gate: channels inside its squeeze-and-excitation; None without one.
    """

    fan_in: Ints | None
    out: Ints
    conv: Conv
    gate: Ints | None = None


class UnitRow(NamedTuple):
    """One unit of many blocks.

    Attributes:
        unit: the unit of an example block.
        convs: its convolutions.
        projection: the projection of its shortcut; None if no block has one.
        projected: which blocks have the projection.
        identity: which blocks have an identity shortcut here.
    """

    unit: Unit
    convs: tuple[ConvRow, ...]
    projection: ConvRow | None
    projected: Bools | bool
    identity: Bools | bool = False


class Gated(NamedTuple):
    """Channels of a convolution that a squeeze-and-excitation of its own follows.

    Attributes:
        out: output channels of the convolution.
        gate: channels inside the squeeze-and-excitation.
    """

    out: Ints
    gate: Ints


Channels = tuple[tuple[Ints | Gated, ...], ...]
"""Output channels of each convolution of each unit of a sub-layer."""

_Formula = Callable[[SuperBlock, Ints | None, Ints, Ints], Channels]
_formulas: list[tuple[type[SuperBlock], _Formula]] = []


def states_channels(family: type[SuperBlock]) -> Callable[[_Formula], _Formula]:
    """Register a function that states the channels of the convolutions of a family's sub-layer.

    The function takes an example block, input channels (None if the family's inner widths do not depend on them: see
    :attr:`SuperBlock.channels_by_input`), out channels and bottleneck channels.

    Args:
        family: a family of super-blocks.
    """

    def register(formula: _Formula) -> _Formula:
        _formulas.append((family, formula))
        return formula

    return register


@states_channels(SuperConv)
def _conv(block: SuperBlock, arrives: Ints | None, out: Ints, bottleneck: Ints) -> Channels:
    return ((out,),)


@states_channels(SuperResKK)
def _basic(block: SuperBlock, arrives: Ints | None, out: Ints, bottleneck: Ints) -> Channels:
    return ((bottleneck, out),)


@states_channels(SuperResK1KK1)
def _bottleneck(block: SuperBlock, arrives: Ints | None, out: Ints, bottleneck: Ints) -> Channels:
    return ((bottleneck, bottleneck, out), (bottleneck, bottleneck, out))


@states_channels(SuperResIDW)
def _inverted(block: SuperBlock, arrives: Ints | None, out: Ints, bottleneck: Ints) -> Channels:
    assert isinstance(block, SuperResIDW)
    first, second = _rounded(bottleneck * block.expansion), _rounded(out * block.expansion)
    return (first, first, bottleneck), (second, second, out)


@states_channels(MBConv)
def _mb_conv(block: SuperBlock, arrives: Ints | None, out: Ints, bottleneck: Ints) -> Channels:
    assert isinstance(block, MBConv)
    assert arrives is not None
    inner = arrives if block.expansion == 1 else _rounded(arrives * block.expansion)
    wide = Gated(inner, squeezed(arrives)) if block.squeezes else inner
    return ((wide, out),) if block.expansion == 1 else ((inner, wide, out),)


def squeezed(channels: Ints) -> Ints:
    """``squeezed_channels`` of many widths."""
    narrow: Ints = np.maximum(1, np.rint(channels / 4)).astype(np.int64)
    return narrow


def _rounded(channels: Ints) -> Ints:
    """``round_to_8`` of whole numbers, half to even."""
    rounded: Ints = np.maximum(8, 8 * np.rint(channels / 8)).astype(np.int64)
    return rounded


def _formula_of(family: type[SuperBlock]) -> _Formula | None:
    """Return what states the channels of a family: its own method, or one of the project's."""
    if family.stated_channels is not SuperBlock.stated_channels:
        return _stated_by_itself
    return next((formula for known, formula in _formulas if issubclass(family, known)), None)


def _stated_by_itself(block: SuperBlock, arrives: Ints | None, out: Ints, bottleneck: Ints) -> Channels:
    stated: Channels = block.stated_channels(arrives, out, bottleneck)
    return tuple(tuple(_array(conv, out) for conv in unit) for unit in stated)


def _array(stated: Any, like: Ints) -> Ints | Gated:
    if isinstance(stated, tuple):
        return Gated(*(np.broadcast_to(np.asarray(one, np.int64), like.shape) for one in stated))
    return np.broadcast_to(np.asarray(stated, np.int64), like.shape)


def is_stated(name: str) -> bool:
    """Whether the channels of blocks of that name have been stated."""
    return _formula_of(families[name]) is not None


def reads_input(name: str) -> bool:
    """Whether widths inside blocks of that name depend on their input width."""
    return families[name].channels_by_input


def ends_in_relu(name: str) -> bool:
    """Whether blocks of that name end in a relu."""
    return example_block(name, 1).units[-1].backbone[-1].relu


def example_block(name: str, stride: int, sub_layers: int = 2) -> SuperBlock:
    """Return a narrow block of that name, for its kernels, strides and units."""
    args = {"in_channels": _WIDTH, "out_channels": _WIDTH, "stride": stride, "sub_layers": sub_layers}
    return make_block(name, *(args.get(argument, _WIDTH) for argument in families[name].arguments))


def _other_block(name: str, stride: int) -> SuperBlock:
    """Return a block like :func:`example_block` whose widths differ from each other."""
    args = {**_WIDTHS, "stride": stride, "sub_layers": 2}
    return make_block(name, *(args.get(argument, _WIDTH) for argument in families[name].arguments))


def unit_rows(
    name: str, stride: int, out: Ints, bottleneck: Ints, arrives: Ints | None = None
) -> tuple[list[UnitRow], list[UnitRow]]:
    """Return the units of the first sub-layer of many blocks, and those of each later one.

    Args:
        name: name of the blocks.
        stride: stride of the first sub-layer.
        out: out channels of each block.
        bottleneck: bottleneck channels of each block; ignored by families without one.
        arrives: input channels of each block, where :func:`reads_input`; else None.
    """
    block, other = example_block(name, stride), _other_block(name, stride)
    formula = _formula_of(families[name])
    assert formula is not None, f"{name} states no channels"
    channels = formula(block, arrives, out, bottleneck)
    half = len(channels)
    later = formula(block, out, out, bottleneck) if arrives is not None else channels
    units = list(zip(block.units, other.units, strict=True))
    return _rows(units[:half], channels, arrives), _rows(units[half:], later, out)


def _rows(units: list[tuple[Unit, Unit]], channels: Channels, arrives: Ints | None) -> list[UnitRow]:
    rows = []
    for (unit, other), stated in zip(units, channels, strict=True):
        convs = []
        fan_in = arrives
        for conv, like, one in zip(unit.backbone, other.backbone, stated, strict=True):
            out, gate = one if isinstance(one, Gated) else (one, None)
            convs.append(ConvRow(_fan_in(conv, like, fan_in, out), out, conv, gate))
            fan_in = out
        leaves = convs[-1].out
        projection, projected = _projection(unit, other, arrives, leaves)
        rows.append(UnitRow(unit, tuple(convs), projection, projected, _identity(unit, other, arrives, leaves)))
        arrives = leaves
    return rows


def _fan_in(conv: Conv, like: Conv, arrives: Ints | None, out: Ints) -> Ints | None:
    """Return the input channels of one output channel: all, or with groups one of the two things that groups can be."""
    if conv.groups == like.groups == 1:
        return arrives
    if conv.groups == conv.in_channels and like.groups == like.in_channels:
        return np.ones_like(out)
    assert conv.groups == like.groups, "groups of convolutions are a number, or one for each channel"
    assert arrives is not None, "a first convolution with groups needs channels_by_input"
    return arrives // conv.groups


def _projection(unit: Unit, other: Unit, arrives: Ints | None, leaves: Ints) -> tuple[ConvRow | None, Bools | bool]:
    """Return the projection of a unit's shortcut, and which blocks have it.

    Args:
        unit: the unit where all widths are equal.
        other: the unit where all differ.
        arrives: input channels.
        leaves: output channels.
    """
    if not isinstance(unit, Residual) or not isinstance(other, Residual) or other.projection is None:
        return None, False
    if unit.projection is not None:
        return ConvRow(arrives, leaves, unit.projection), True
    assert arrives is not None, "a first unit with a projection only where widths differ needs channels_by_input"
    return ConvRow(arrives, leaves, other.projection), arrives != leaves


def _identity(unit: Unit, other: Unit, arrives: Ints | None, leaves: Ints) -> Bools | bool:
    """Return which blocks have an identity shortcut; arguments as of :func:`_projection`."""
    where_equal, where_different = (
        isinstance(one, Residual) and one.shortcut and one.projection is None for one in (unit, other)
    )
    if where_equal == where_different:
        return where_equal
    assert arrives is not None, "a first unit with an identity only where widths agree needs channels_by_input"
    same: Bools = np.equal(arrives, leaves)
    return same
