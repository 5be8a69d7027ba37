"""Architectures whose blocks are made when they are read are as any other."""

import pickle
from collections.abc import Callable

import pytest

from zen_lightning.arch import Architecture
from zen_lightning.arch.deferred import Blocks, DeferredArchitecture

TEXT = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,7)SuperConvK1BNRELU(16,32,1,1)"


class Made:
    """Counts how often blocks are made."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Blocks:
        self.times += 1
        return Architecture.parse(TEXT).blocks


READS: list[Callable[[Architecture], object]] = [
    str,
    repr,
    hash,
    lambda arch: arch.out_channels,
    lambda arch: arch.num_params(10),
    lambda arch: arch.flops(32),
    lambda arch: str(arch.split()),
    lambda arch: pickle.loads(pickle.dumps(arch)),
]


def test_layers_are_known_without_blocks() -> None:
    make = Made()
    late = DeferredArchitecture(9, make)
    assert late.num_layers == late.split().num_layers == Architecture.parse(TEXT).num_layers == 9
    assert make.times == 0


@pytest.mark.parametrize("read", READS)
def test_it_reads_as_any_other_and_makes_its_blocks_once(read: Callable[[Architecture], object]) -> None:
    make = Made()
    late = DeferredArchitecture(9, make)
    assert read(late) == read(late) == read(Architecture.parse(TEXT))
    assert make.times == 1


def test_it_is_equal_from_both_sides() -> None:
    plain = Architecture.parse(TEXT)
    assert DeferredArchitecture(9, Made()) == plain
    assert plain == DeferredArchitecture(9, Made())
    assert plain.split() == DeferredArchitecture(9, Made()).split() != plain


def test_what_it_does_not_have_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="colour"):
        DeferredArchitecture(9, Made()).colour  # noqa: B018


def test_an_error_of_the_maker_reaches_the_reader() -> None:
    def fail() -> Blocks:
        raise KeyError("no such family")

    late = DeferredArchitecture(9, fail)
    for _ in range(2):
        with pytest.raises(KeyError, match="no such family"):
            late.blocks  # noqa: B018
