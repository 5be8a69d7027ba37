"""Exact counts, against figures measured with the original's code."""

import contextlib

import pytest

from golden import GoldenArchitecture, architectures, own_and_shared
from zen_lightning.arch import Architecture

GOLDEN = own_and_shared(architectures)


@pytest.mark.parametrize("golden", GOLDEN)
def test_params(golden: GoldenArchitecture) -> None:
    arch = Architecture.parse(golden.structure)
    assert arch.num_params(golden.num_classes) == golden.params
    assert arch.num_params(golden.num_classes, use_se=True) == golden.params_se


@pytest.mark.parametrize("golden", GOLDEN)
def test_flops(golden: GoldenArchitecture) -> None:
    arch = Architecture.parse(golden.structure)
    assert arch.flops(golden.resolution, golden.num_classes) == golden.macs
    assert arch.flops(golden.resolution, golden.num_classes, use_se=True) == golden.macs_se


@pytest.mark.parametrize("golden", GOLDEN)
def test_layers(golden: GoldenArchitecture) -> None:
    assert Architecture.parse(golden.structure).num_layers == golden.layers


@pytest.mark.parametrize("golden", GOLDEN)
def test_split(golden: GoldenArchitecture) -> None:
    assert str(Architecture.parse(golden.structure).split()) == golden.split


def test_counts_with_and_without_se_do_not_disturb_each_other() -> None:
    text = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,72,1,8,1)"
    plain, with_se = Architecture.parse(text).num_params(10), Architecture.parse(text).num_params(10, use_se=True)
    squeeze = 2 * 8 * 2 + 2 * 2 + 2 * 8
    assert with_se - plain == squeeze
    assert Architecture.parse(text).num_params(10) == plain
    assert Architecture.parse(text).flops(8, 10, use_se=True) - Architecture.parse(text).flops(8, 10) == 2 * 8 * 2


def test_defaults_are_1000_classes_without_se() -> None:
    arch = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)")
    assert arch.num_params() == 3 * 8 * 9 + 2 * 8 + 8 * 1000 + 1000
    assert arch.flops(4) == 3 * 8 * 9 * 16 + 8 * 1000


@pytest.mark.parametrize(
    ("text", "resolution", "sizes"),
    [
        ("SuperConvK3BNRELU(3,8,2,3)", 33, (17, 17, 17)),
        ("SuperConvK1BNRELU(3,8,2,1)SuperConvK7BNRELU(8,8,2,1)", 225, (113, 57)),
        ("SuperConvK5BNRELU(3,8,3,1)SuperConvK3BNRELU(8,8,2,1)", 32, (11, 6)),
        ("SuperConvK7BNRELU(3,8,2,1)SuperConvK7BNRELU(8,8,2,1)", 1, (1, 1)),
    ],
)
def test_odd_resolutions_round_as_pytorch_does(text: str, resolution: int, sizes: tuple[int, ...]) -> None:
    arch = Architecture.parse(text)
    convs = [unit for block in arch.blocks for unit in block.units]
    expected = sum(size**2 * conv.kernel_size**2 * conv.in_channels * 8 for size, conv in zip(sizes, convs, strict=True))
    assert arch.flops(resolution, num_classes=10) == expected + 8 * 10


def test_a_negative_resolution_does_not_spoil_later_counts() -> None:
    text = "SuperResK3K3(3,104,1,8,1)"
    with contextlib.suppress(ValueError):
        Architecture.parse(text).flops(-32)
    plain = (3 * 8 * 9 + 16) + (8 * 104 * 9 + 208) + (3 * 104 + 104 + 208) + 104 * 10 + 10
    assert Architecture.parse(text).num_params(10, use_se=True) == plain + 2 * 8 * 2 + 2 * 2 + 2 * 8
    assert Architecture.parse(text).num_params(10) == plain
