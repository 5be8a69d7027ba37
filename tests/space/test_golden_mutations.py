"""The exact sets of allowed replacements, against figures measured with the original's code."""

import hashlib

import pytest

from golden import GoldenMutation, mutations, own_and_shared
from zen_lightning.arch import Architecture
from zen_lightning.space import search_space

GOLDEN = own_and_shared(mutations)


@pytest.mark.parametrize("golden", GOLDEN)
def test_the_set_is_exact(golden: GoldenMutation) -> None:
    choices = search_space(golden.space).choices(Architecture.parse(golden.structure), golden.block)
    assert len(choices) == len(set(choices)) == golden.count
    assert hashlib.sha256("\n".join(sorted(choices)).encode()).hexdigest() == golden.sha256


@pytest.mark.parametrize("golden", GOLDEN)
def test_the_values_of_each_argument(golden: GoldenMutation) -> None:
    parent = Architecture.parse(golden.structure).blocks[golden.block]
    texts = search_space(golden.space).choices(Architecture.parse(golden.structure), golden.block)
    blocks = [Architecture.parse(text, parent.in_channels).blocks[0] for text in texts]
    assert sorted({block.name for block in blocks}) == sorted(golden.types)
    assert sorted({block.out_channels for block in blocks}) == golden.out_channels
    for argument in ("bottleneck_channels", "sub_layers"):
        expected = getattr(golden, argument)
        if expected is not None:
            assert sorted({getattr(block, argument) for block in blocks}) == expected
