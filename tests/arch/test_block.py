"""Super-blocks as values, and how families register."""

import pickle

import pytest

from zen_lightning.arch import Conv, SuperBlock, Unit, families, make_block, super_block


def test_text_and_attributes() -> None:
    block = make_block("SuperResK1K5K1", 16, 32, 2, 8, 3)
    assert block.text == repr(block) == "SuperResK1K5K1(16,32,2,8,3)"
    assert (block.in_channels, block.out_channels, block.stride, block.sub_layers) == (16, 32, 2, 3)
    assert block.args == (16, 32, 2, 8, 3)


def test_equality_and_hash() -> None:
    block = make_block("SuperResK3K3", 16, 32, 2, 8, 3)
    rebuilt = families["SuperResK3K3"]((16, 32, 2, 8, 3))
    assert block == rebuilt
    assert hash(block) == hash(rebuilt)
    assert block != make_block("SuperResK5K5", 16, 32, 2, 8, 3)
    assert block != make_block("SuperResK3K3", 16, 32, 2, 8, 4)
    assert block != block.text


@pytest.mark.parametrize("name", ["SuperConvK3BNRELU", "SuperResK3K3", "SuperResK1K3K1", "SuperResIDWE4K5"])
def test_pickling(name: str) -> None:
    block = make_block(name, *range(8, 8 + len(families[name].arguments)))
    copy = pickle.loads(pickle.dumps(block))
    assert copy == block
    assert type(copy) is type(block)
    assert copy.units == block.units


def test_replace() -> None:
    block = make_block("SuperResK3K3", 16, 32, 2, 8, 3)
    assert block.replace(out_channels=40, sub_layers=1).text == "SuperResK3K3(16,40,2,8,1)"
    assert block.text == "SuperResK3K3(16,32,2,8,3)"
    with pytest.raises(TypeError, match="has no bottleneck_channels, width; it has in_channels, out_channels"):
        make_block("SuperConvK3BNRELU", 3, 8, 1, 1).replace(width=3, bottleneck_channels=8)


def test_behind() -> None:
    assert make_block("SuperResK3K3", 16, 32, 2, 8, 3).with_in_channels(24).text == "SuperResK3K3(24,32,2,8,3)"


def test_unknown_names_and_wrong_numbers_of_arguments() -> None:
    with pytest.raises(KeyError, match="NoSuchBlock"):
        make_block("NoSuchBlock", 1, 2, 3)
    for args in [(16, 32, 2), (16, 32, 2, 8, 3, 1)]:
        with pytest.raises(ValueError, match="values to unpack"):
            make_block("SuperResK3K3", *args)


def test_what_is_worked_out_is_kept() -> None:
    block = make_block("SuperResK3K3", 16, 32, 2, 8, 3)
    assert block.units is block.units


@pytest.mark.parametrize("template", ["Size{k}", "Size{size}Of{depth}"])
def test_fields_and_values_must_agree(template: str) -> None:
    with pytest.raises(ValueError, match=r"the fields of .* and the values given for them differ"):
        super_block(template, size=(1, 2))


@pytest.mark.parametrize(
    "arguments",
    [
        ("out_channels", "in_channels", "stride", "sub_layers"),
        ("in_channels", "out_channels", "sub_layers"),
        ("in_channels", "out_channels", "stride"),
        ("in_channels", "stride", "sub_layers"),
    ],
)
def test_families_need_the_four_arguments(arguments: tuple[str, ...]) -> None:
    family = type("Family", (SuperBlock,), {"arguments": arguments})
    with pytest.raises(ValueError, match="arguments of Family begin with in_channels and include"):
        super_block("NeverRegistered")(family)
    assert "NeverRegistered" not in families


@pytest.mark.parametrize("name", ["Has-Dash", "Has Space", "1stBlock", "Blöck", "Paren(", ""])
def test_names_are_ascii_identifiers(name: str) -> None:
    with pytest.raises(ValueError, match="cannot be the name of a super-block"):
        super_block(name)(type("Family", (SuperBlock,), {}))


def test_a_family_without_expand_cannot_be_made() -> None:
    super_block("TestIncomplete")(type("Incomplete", (SuperBlock,), {}))
    with pytest.raises(TypeError, match="abstract"):
        make_block("TestIncomplete", 3, 8, 1, 1)


def test_defining_a_family_again_as_a_notebook_does_replaces_it() -> None:
    def define(kernel_size: int) -> None:
        class NotebookCell(SuperBlock):
            def expand(self) -> tuple[Unit, ...]:
                return (Conv(self.in_channels, self.out_channels, kernel_size, self.stride),)

        super_block("TestNotebookCell")(NotebookCell)

    for kernel_size in (3, 5):
        define(kernel_size)
        (unit,) = make_block("TestNotebookCell", 3, 8, 1, 1).units
        assert isinstance(unit, Conv)
        assert unit.kernel_size == kernel_size
