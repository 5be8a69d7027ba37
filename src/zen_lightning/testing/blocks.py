"""The requirements on every family of super-blocks."""

import itertools
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch

from zen_lightning.arch import Architecture, ArchitectureError, Conv, Residual, SuperBlock, families, make_block
from zen_lightning.nets import build_network
from zen_lightning.nets.module_counts import count_multiply_adds, count_parameters
from zen_lightning.proxy.zen_score import zen_score
from zen_lightning.search.exact.rows import is_stated, unit_rows
from zen_lightning.testing.suite import Suite, raises

_RESOLUTION, _CLASSES = 16, 10
_INTEGERS = {"in_channels": 16, "out_channels": 32, "stride": 2, "sub_layers": 2}
_OTHER = 16
_AGREE = 0.15
"""Largest difference of the two estimators of the Zen-score, a logarithm; among all shipped names the largest was 0.09."""


@dataclass(frozen=True)
class BlockCase:
    """A registered name of a family, and the integers that its blocks are made with.

    Attributes:
        name: as in a structure string.
        integers: the integers, by argument; those left out are chosen.
    """

    name: str
    integers: dict[str, int] = field(default_factory=dict)

    def block(self, **changes: int) -> SuperBlock:
        """Return the block, some of its integers changed."""
        known = {**_INTEGERS, **self.integers, **changes}
        return make_block(self.name, *(known.get(argument, _OTHER) for argument in families[self.name].arguments))

    def architecture(self, **changes: int) -> Architecture:
        """Return the block between a stem and a head."""
        block = self.block(**changes)
        stem, head = f"SuperConvK3BNRELU(3,{block.in_channels},1,1)", f"SuperConvK1BNRELU({block.out_channels},24,1,1)"
        return Architecture.parse(stem + block.text + head)


BLOCK: Suite[BlockCase] = Suite("family of super-blocks")
"""The checks."""


def check_block(family: type[SuperBlock], **integers: int) -> None:
    """Check a family of super-blocks of your own against the requirements on every family, under each of its names.

    Texts, pickling, splitting; counts that are those of the network as built; a Zen-score in closed form that agrees with
    Monte-Carlo; channels stated for the exact optimiser, where the family states them, that are those of its blocks.

    Args:
        family: the class, registered by :func:`~zen_lightning.arch.super_block`.
        integers: the integers of the blocks that are made, by argument; by default 16 channels in, 32 out, stride 2, 2
            sub-layers, and 16 for others.

    Raises:
        AssertionError: it does not hold everything; the message lists what, with the line that failed.

    Example:
        >>> check_block(type(make_block("SuperResK3K3", 8, 8, 1, 8, 1)).__base__, bottleneck_channels=8)
    """
    names = names_of(family)
    assert names, f"{family.__name__} is registered under no name: decorate it by super_block"
    for name in names:
        try:
            BLOCK.run(BlockCase(name, integers))
        except AssertionError as error:
            raise AssertionError(f"{name}: {error}") from error


def names_of(family: type[SuperBlock]) -> list[str]:
    """Return the names that a family is registered under."""
    return [name for name in families.names() if issubclass(families[name], family)]


def _variants(case: BlockCase) -> Iterator[Architecture]:
    yield case.architecture()
    yield case.architecture(stride=1, sub_layers=1)
    yield case.architecture(stride=1, sub_layers=3, out_channels=case.block().in_channels)


@BLOCK.add
def _text_and_attributes(case: BlockCase) -> None:
    block = case.block()
    assert block.text == f"{case.name}({','.join(map(str, block.args))})"
    assert [getattr(block, argument) for argument in block.arguments] == list(block.args)
    for architecture in _variants(case):
        assert Architecture.parse(str(architecture)) == architecture


@BLOCK.add
def _pickling(case: BlockCase) -> None:
    block = case.block()
    again = pickle.loads(pickle.dumps(block))
    assert again == block
    assert hash(again) == hash(block)
    assert again.units == block.units


@BLOCK.add
def _expanding_twice_gives_the_same(case: BlockCase) -> None:
    assert case.block().expand() == case.block().expand()


@BLOCK.add
def _its_convolutions_follow_one_another(case: BlockCase) -> None:
    """From its in channels to its out channels, with its stride."""
    for architecture in _variants(case):
        block = architecture.blocks[1]
        channels, stride = block.in_channels, 1
        for unit in block.units:
            assert isinstance(unit, Conv | Residual)
            for conv in unit.backbone:
                assert conv.in_channels == channels, f"{block}: {conv} follows {channels} channels"
                channels = conv.out_channels
                stride *= conv.stride
        assert channels == block.out_channels, f"{block} ends with {channels} channels"
        assert stride == block.stride, f"{block} downsamples by {stride}"


@BLOCK.add
def _other_in_channels_change_nothing_else(case: BlockCase) -> None:
    block = case.block()
    assert block.with_in_channels(2 * block.in_channels).args == (2 * block.in_channels, *block.args[1:])
    assert block.replace(sub_layers=5).sub_layers == 5
    assert block.args == case.block().args


@BLOCK.add
def _zero_is_refused_for_each_argument(case: BlockCase) -> None:
    for argument in case.block().arguments[1:]:
        with raises(ArchitectureError, argument):
            case.architecture(**{argument: 0})


@BLOCK.add
def _splitting_keeps_layers_and_widths(case: BlockCase) -> None:
    block = case.block(sub_layers=7)
    parts = block.split()
    assert sum(part.sub_layers for part in parts) == 7
    assert (parts[0].in_channels, parts[-1].out_channels) == (block.in_channels, block.out_channels)
    assert all(one.out_channels == two.in_channels for one, two in pairwise(parts))


@BLOCK.add
def _counts_are_those_of_the_network_as_built(case: BlockCase) -> None:
    for architecture, use_se in [*((variant, False) for variant in _variants(case)), (case.architecture(), True)]:
        network = build_network(architecture, num_classes=_CLASSES, use_se=use_se).eval()
        assert count_parameters(network) == architecture.num_params(_CLASSES, use_se)
        built = count_multiply_adds(network, _RESOLUTION)
        counted = architecture.flops(_RESOLUTION, _CLASSES, use_se)
        assert built == counted, f"{architecture} use_se={use_se}: {counted:,} multiply-adds counted, {built:,} built"
        assert network(torch.zeros(2, 3, _RESOLUTION, _RESOLUTION)).shape == (2, _CLASSES)


@BLOCK.add
def _stated_channels_are_those_of_its_blocks(case: BlockCase) -> None:
    if not is_stated(case.name):
        return
    by_input = families[case.name].channels_by_input
    for stride, arrives, out, bottleneck in itertools.product((1, 2), (64, 128), (64, 192), (64, 256)):
        block = case.block(
            **{"in_channels": arrives, "out_channels": out, "stride": stride, "sub_layers": 3},
            **({"bottleneck_channels": bottleneck} if "bottleneck_channels" in families[case.name].arguments else {}),
        )
        widths = [np.array([width]) for width in (out, bottleneck, arrives)]
        first, later = unit_rows(case.name, stride, widths[0], widths[1], widths[2] if by_input else None)
        for unit, row in zip(block.units, [*first, *later, *later], strict=True):
            known = f"{block}: {unit}"
            for conv, stated in zip(unit.backbone, row.convs, strict=True):
                assert stated.out[0] == conv.out_channels, f"{known}, but {stated.out[0]} channels are stated"
                assert stated.fan_in is None or stated.fan_in[0] == conv.fan_in, f"{known}, but another fan-in is stated"
                gate = 0 if stated.gate is None else stated.gate[0]
                assert gate == conv.gate_channels, f"{known}, but a gate of {gate} channels is stated"
            has_projection = isinstance(unit, Residual) and unit.projection is not None
            projected = row.projection is not None and bool(np.all(row.projected))
            assert has_projection == projected, f"{known}, but with another shortcut"


@BLOCK.add
def _both_estimators_of_the_zen_score_agree(case: BlockCase) -> None:
    architecture = case.architecture()
    closed = zen_score(architecture, _RESOLUTION)
    sampled = zen_score(architecture, _RESOLUTION, estimator="monte_carlo", batch_size=16, repeats=4)
    assert abs(closed - sampled) <= _AGREE, f"{architecture}: {closed:.3f} in closed form, {sampled:.3f} by Monte-Carlo"
