"""Structure strings that can be read."""

import pytest

from zen_lightning.arch import Architecture, families
from zen_lightning.arch.parser import MAX_ARGUMENT, MAX_BLOCKS, MAX_LAYERS

STEM = "SuperConvK3BNRELU(3,24,2,1)"


@pytest.mark.parametrize("name", [name for name in families.names() if name.startswith("Super")])
def test_every_name_is_read(name: str) -> None:
    numbers = ",".join(str(number) for number in range(3, 3 + len(families[name].arguments)))
    block = Architecture.parse(f"{name}({numbers})").blocks[0]
    assert block.text == f"{name}({numbers})"
    assert (block.in_channels, block.out_channels, block.stride) == (3, 4, 5)


def test_the_documented_names_are_known() -> None:
    expected = {f"SuperConvK{k}BNRELU" for k in (1, 3, 5, 7)}
    expected |= {f"SuperResK{k}K{k}" for k in (3, 5, 7)} | {f"SuperResK1K{k}K1" for k in (3, 5, 7)}
    expected |= {f"SuperResIDWE{e}K{k}" for e in (1, 2, 4, 6) for k in (3, 5, 7)}
    assert expected <= set(families.names())


@pytest.mark.parametrize("label", ["stem", "", "a b", "SuperConvK3BNRELU", "3;4", "é", "12"])
def test_a_label_has_no_effect_and_is_dropped(label: str) -> None:
    arch = Architecture.parse(f"SuperConvK3BNRELU({label}|3,24,2,1)")
    assert arch == Architecture.parse(STEM)
    assert str(arch) == STEM


@pytest.mark.parametrize(("before", "after"), [("", "\n"), ("  ", ""), ("\t", " \r\n"), ("\n\n", "\n")])
def test_white_space_around_is_allowed(before: str, after: str) -> None:
    assert str(Architecture.parse(before + STEM + after)) == STEM


def test_other_image_channels() -> None:
    assert Architecture.parse("SuperConvK3BNRELU(1,8,1,1)", in_channels=1).blocks[0].in_channels == 1


def test_the_limits_themselves_are_allowed() -> None:
    assert len(Architecture.parse(STEM + "SuperConvK1BNRELU(24,24,1,1)" * (MAX_BLOCKS - 1)).blocks) == MAX_BLOCKS
    assert Architecture.parse(f"SuperConvK1BNRELU(3,8,1,{MAX_LAYERS})").num_layers == MAX_LAYERS
    assert Architecture.parse(f"SuperConvK1BNRELU(3,{MAX_ARGUMENT},1,1)").out_channels == MAX_ARGUMENT


@pytest.mark.parametrize("zeros", [1, 10, 10_000])
def test_leading_zeros_mean_nothing(zeros: int) -> None:
    assert str(Architecture.parse(f"SuperConvK3BNRELU(3,{'0' * zeros}24,2,1)")) == STEM
