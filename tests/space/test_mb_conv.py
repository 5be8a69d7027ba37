"""What the space of MBConv rows adds to what every space of super-blocks keeps to."""

import pytest

from zen_lightning.arch import ArchitectureError
from zen_lightning.space import search_space


def test_an_mbconv_turns_into_any_expansion_kernel_and_gate() -> None:
    space = search_space("mbconv")
    choices = space.choices(space.parse("MBConvE6K3(3,16,2,1)"), 0)
    names = {choice.partition("(")[0] for choice in choices}
    assert names == {f"MBConvE{e}K{k}{se}" for e in (1, 3, 4, 6) for k in (3, 5, 7) for se in ("", "SE")}
    assert {choice.partition("(")[2] for choice in choices} == {
        f"3,{out},2,{layers})" for out in (8, 16, 24, 32, 40) for layers in (1, 2, 3)
    }


def test_the_last_convolution_stays() -> None:
    space = search_space("mbconv")
    arch = space.parse(space.start)
    assert space.choices(arch, len(arch.blocks) - 1) == ["SuperConvK1BNRELU(160,1280,1,1)"]


def test_other_families_are_refused_with_their_place() -> None:
    with pytest.raises(ArchitectureError, match=r"'mbconv' does not have SuperResK3K3\(8,8,1,8,1\)") as caught:
        search_space("mbconv").parse("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,8,1,8,1)")
    assert caught.value.position == 26
