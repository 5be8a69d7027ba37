"""The two spaces of Zen-NAS: widths, depths, and which blocks never change."""

from random import Random

import pytest

from zen_lightning.arch import Architecture, Conv, SuperBlock, Unit, super_block
from zen_lightning.errors import UserError
from zen_lightning.space import ResNetSpace, search_space
from zen_lightning.space.super_blocks import channel_choices, depth_choices


@pytest.mark.parametrize(
    ("channels", "maximum", "widths"),
    [
        (8, 2048, (8, 16)),
        (1, None, (8,)),
        (2048, 2048, (816, 1024, 1368, 1640, 2048)),
        (2048, None, (816, 1024, 1368, 1640, 2048, 2560, 3072, 4096, 5120)),
        (4000, 2048, (1600, 2000, 2048)),
    ],
)
def test_widths(channels: int, maximum: int | None, widths: tuple[int, ...]) -> None:
    assert channel_choices(channels, maximum) == widths


@pytest.mark.parametrize(
    ("layers", "depths"), [(1, (1, 2, 3)), (2, (1, 2, 3, 4)), (3, (1, 2, 3, 4, 5)), (9, (7, 8, 9, 10, 11))]
)
def test_depths(layers: int, depths: tuple[int, ...]) -> None:
    assert depth_choices(layers) == depths


def test_a_plain_convolution_changes_its_width_only_and_is_written_once() -> None:
    arch = Architecture.parse("SuperConvK5BNRELU(3,8,2,4)")
    for name in ("resnet", "mobilenet"):
        assert search_space(name).choices(arch, 0) == ["SuperConvK5BNRELU(3,16,2,1)", "SuperConvK5BNRELU(3,8,2,1)"]


def test_the_last_convolution_is_fixed_in_mobilenet_alone() -> None:
    arch = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperConvK1BNRELU(8,2048,1,2)")
    assert search_space("mobilenet").choices(arch, 1) == ["SuperConvK1BNRELU(8,2048,1,2)"]
    assert len(search_space("resnet").choices(arch, 1)) == 5


def test_a_fixed_block_still_follows_the_width_before_it() -> None:
    space = search_space("mobilenet")
    arch = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperConvK1BNRELU(8,2048,1,1)")
    results = {str(space.mutate(arch, Random(seed))) for seed in range(50)}
    assert results == {str(arch), "SuperConvK3BNRELU(3,16,2,1)SuperConvK1BNRELU(16,2048,1,1)"}


def test_residual_blocks_of_the_other_space_are_taken_in() -> None:
    arch = Architecture.parse("SuperResIDWE6K3(3,16,1,8,1)")
    names = {text.split("(")[0] for text in search_space("resnet").choices(arch, 0)}
    assert names == {f"SuperResK{k}K{k}" for k in (3, 5, 7)} | {f"SuperResK1K{k}K1" for k in (3, 5, 7)}


def test_unknown_space() -> None:
    with pytest.raises(
        UserError, match=r"^name=mobilnet: unknown search space; did you mean 'mobilenet'\? Choose from: resnet, "
    ):
        search_space("mobilnet")


def test_a_family_the_space_does_not_know() -> None:
    @super_block("TestSpaceStranger")
    class Stranger(SuperBlock):
        def expand(self) -> tuple[Unit, ...]:
            return (Conv(self.in_channels, self.out_channels, 3, self.stride),)

    arch = Architecture.parse("TestSpaceStranger(3,8,1,1)")
    with pytest.raises(UserError, match=r"'resnet' does not say what TestSpaceStranger\(3,8,1,1\) may turn into"):
        search_space("resnet").mutate(arch, Random(0))


def test_a_space_of_ones_own_is_not_answered_from_the_memory_of_its_parent() -> None:
    class NarrowSpace(ResNetSpace):
        max_channels = 16

    arch = Architecture.parse("SuperResK3K3(3,16,1,8,1)")
    assert len(search_space("resnet").choices(arch, 0)) == 180
    widths = {Architecture.parse(text).out_channels for text in NarrowSpace().choices(arch, 0)}
    assert widths == {8, 16}
