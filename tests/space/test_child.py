"""The children of a search: no more is made of them than is asked for, and nothing is forgotten."""

import math
from collections.abc import Callable
from random import Random

import pytest

from zen_lightning.arch import Architecture
from zen_lightning.space import MobileNetSpace, ResNetSpace, blocks

DEEP = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,14)SuperResK3K3(16,24,2,16,2)SuperConvK1BNRELU(24,32,1,1)"


def test_a_parent_that_is_not_split_yet_has_children_that_are() -> None:
    space, parent = ResNetSpace(), Architecture.parse(DEEP)
    assert not parent.is_whole
    for seed in range(300):
        child = space.child(parent, Random(seed), 1, math.inf)
        assert child is not None
        assert child == space.mutate(parent, Random(seed), 1).split()
        assert len(child.blocks) > 4 or "SuperResK3K3(8,16,1,8,14)" not in str(child)


def test_split_blocks_may_be_split_again() -> None:
    once = Architecture.parse(DEEP).split()
    assert [block.sub_layers for block in once.blocks] == [1, 3, 11, 2, 1]
    assert not once.is_whole
    assert once.split().split().split().is_whole


def test_what_is_too_deep_is_never_made(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    real: Callable[..., object] = blocks.block_of
    monkeypatch.setattr(blocks, "block_of", lambda key: made.append(key) or real(key))
    space, parent = MobileNetSpace(), Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,1)")
    assert {space.child(parent, Random(seed), 2, 1) for seed in range(50)} == {None}
    assert not made
    assert space.child(parent, Random(0), 2, 9) is not None
    assert made


def test_a_space_with_mutations_of_its_own_is_asked_for_them() -> None:
    class Still(MobileNetSpace):
        def mutate(self, architecture: Architecture, rng: Random, positions: int = 1) -> Architecture:
            return architecture

    class Stiller(Still):
        pass

    parent = Architecture.parse(DEEP.replace("ResK3K3", "ResIDWE1K3"))
    for space in (Still(), Stiller()):
        assert space.child(parent, Random(0), 2, math.inf) == parent.split()
        assert space.child(parent, Random(0), 2, 10) is None
