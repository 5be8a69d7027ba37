"""Sums over the layers of each stage."""

import pytest

from zen_lightning.arch import AccelArchitecture, Architecture
from zen_lightning.proxy.layers import layers_of, width_gain
from zen_lightning.proxy.stages import BRIDGE, Stage, passage, stages_of

TEXT = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE2K3(8,16,2,8,2)SuperResK3K3(16,16,1,8,2)SuperConvK1BNRELU(16,32,1,1)"


def test_sums_are_those_of_the_layers() -> None:
    arch = Architecture.parse(TEXT)
    size, rectified, layers = 32, False, []
    for block in arch.blocks:
        for layer in layers_of(block, size, rectified):
            layers.append(layer)
            size, rectified = layer.resolution, layer.rectified
    first, second = stages_of(arch, 32)
    assert first == Stage(16, pytest.approx(BRIDGE * layers[0].gain), BRIDGE, 1, 0)
    weights = [1.0 if layer.has_identity else BRIDGE for layer in layers[1:]]
    gain = sum(weight * layer.gain for weight, layer in zip(weights, layers[1:], strict=True))
    classifier = width_gain(32, rectified=True)
    assert second == Stage(8, pytest.approx(gain + BRIDGE * classifier), sum(weights) + BRIDGE, 7, 0)


def test_a_stage_goes_on_over_blocks() -> None:
    split = TEXT.replace("SuperResK3K3(16,16,1,8,2)", "SuperResK3K3(16,16,1,8,1)SuperResK3K3(16,16,1,8,1)")
    whole, parts = (stages_of(Architecture.parse(text), 32) for text in (TEXT, split))
    assert [stage.layers for stage in whole] == [stage.layers for stage in parts] == [1, 7]
    assert parts[1].weight == whole[1].weight + BRIDGE - 1


def test_five_stages_of_accel_nasbench() -> None:
    arch = AccelArchitecture.parse("e6k3l1s0-e4k5l2s1-e6k3l3s0-e6k5l3s1-e6k5l2s0-e1k3l4s0-e1k3l2s0")
    found = stages_of(arch, 224)
    assert [(stage.resolution, stage.layers, stage.gates) for stage in found] == [
        (112, 2, 0),
        (56, 2, 2),
        (28, 3, 0),
        (14, 5, 3),
        (7, 7, 0),
    ]


def test_a_passage_is_remembered_by_what_arrives() -> None:
    block = Architecture.parse(TEXT).blocks[1]
    one = passage(block, 16, True)
    assert passage(block, 16, True) is one
    assert passage(block, 16, False).stages[0].gain > one.stages[0].gain
    assert passage(block, 5, True).resolution == 3
