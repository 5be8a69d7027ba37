"""The original's own counters, against what they printed."""

import pytest

from golden import GoldenArchitecture, architectures, own_and_shared
from zen_lightning.arch import Architecture
from zen_lightning.arch.original_counts import original_flops, original_params

GOLDEN = own_and_shared(architectures)


@pytest.mark.parametrize("golden", GOLDEN)
def test_params(golden: GoldenArchitecture) -> None:
    assert original_params(Architecture.parse(golden.structure), golden.num_classes) == golden.original_params


@pytest.mark.parametrize("golden", GOLDEN)
def test_flops(golden: GoldenArchitecture) -> None:
    arch = Architecture.parse(golden.structure)
    assert original_flops(arch, golden.resolution, golden.num_classes) == golden.original_flops


def test_a_unit_by_hand() -> None:
    arch = Architecture.parse("SuperResIDWE2K3(3,8,2,8,1)")
    first, second = (3 * 16 + 16, 16 * 9 + 16, 16 * 8 + 8), (8 * 16 + 16, 16 * 9 + 16, 16 * 8 + 8)
    projection = 3 * 8 + 8
    assert original_params(arch, 10) == sum(first) + sum(second) + projection + 8 * 10 + 1
    # 7 pixels: the depthwise convolution costs 16 * 9 * 49 / 4, its output has 3 x 3, the projection is counted at 1.5 x 1.5.
    stride = 16 * 9 * 49 // 4 + 16 * 9
    expected = (3 * 16 + 16) * 49 + stride + (16 * 8 + 8) * 9 + projection * 1.5**2 + sum(second) * 9 + 8 * 10
    assert original_flops(arch, 7, 10) == expected
