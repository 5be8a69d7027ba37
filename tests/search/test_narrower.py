"""Narrower networks of the same shape."""

from itertools import pairwise

from zen_lightning.latency.samples import preset_start
from zen_lightning.search.narrower import narrower
from zen_lightning.space.super_blocks import MobileNetSpace


def test_widths_shrink_and_the_shape_stays() -> None:
    start = preset_start("resnet")
    flops = [start.flops(224)]
    for network in narrower(start, lambda block: False):
        assert [(b.name, b.stride, b.sub_layers) for b in network.blocks] == [
            (b.name, b.stride, b.sub_layers) for b in start.blocks
        ]
        assert all(before.out_channels == after.in_channels for before, after in pairwise(network.blocks))
        flops.append(network.flops(224))
    assert flops == sorted(flops, reverse=True)
    assert {block.out_channels for block in network.blocks} == {8}


def test_a_block_that_is_fixed_keeps_its_width() -> None:
    last = list(narrower(preset_start("mobilenet"), MobileNetSpace().is_fixed))[-1]
    assert [block.out_channels for block in last.blocks] == [8, 8, 8, 8, 8, 2048]
