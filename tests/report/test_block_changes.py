"""What changed from one network to another."""

import pytest

from zen_lightning.arch import Architecture, CellArchitecture
from zen_lightning.report.block_changes import block_changes
from zen_lightning.report.block_facts import BlockFacts, block_facts

STEM = "SuperConvK3BNRELU(3,8,1,1)"


def facts(*blocks: str) -> list[BlockFacts]:
    return block_facts(Architecture.parse("".join([STEM, *blocks])), 32, 10)


def found(old: tuple[str, ...], new: tuple[str, ...]) -> list[tuple[str, tuple[str, ...]]]:
    return [(change.kind, change.what) for change in block_changes(facts(*old), facts(*new))]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("SuperResK3K3(8,16,1,8,1)", "SuperResK5K5(8,16,1,8,1)", ("kernel 3 -> 5",)),
        ("SuperResK3K3(8,64,1,8,1)", "SuperResK3K3(8,96,1,8,1)", ("width 64 -> 96",)),
        (
            "SuperResK3K3(8,16,1,8,1)",
            "SuperResK3K3(8,16,2,24,4)",
            ("bottleneck 8 -> 24", "stride 1 -> 2", "layers 1 -> 4"),
        ),
        ("SuperResIDWE2K3(8,16,1,8,1)", "SuperResIDWE6K3(8,16,1,8,1)", ("expansion 2 -> 6",)),
        ("SuperResK3K3(8,16,1,8,1)", "SuperResK1K3K1(8,16,1,8,1)", ("kind residual -> bottleneck",)),
    ],
)
def test_every_difference_of_a_block_is_named(old: str, new: str, what: tuple[str, ...]) -> None:
    assert found((old,), (new,)) == [("same", ()), ("changed", what), ("same", ())]


def test_an_added_block_is_found_and_its_follower_stays_the_same() -> None:
    kept = "SuperResK5K5(16,32,2,8,1)"
    added = found(
        ("SuperResK3K3(8,16,1,8,1)", kept),
        ("SuperResK3K3(8,16,1,8,1)", "SuperResK7K7(16,24,1,16,3)", "SuperResK5K5(24,32,2,8,1)"),
    )
    assert [kind for kind, _ in added] == ["same", "same", "added", "same", "same"]
    removed = found(("SuperResK3K3(8,16,1,8,1)", "SuperResK7K7(16,16,1,16,3)", kept), ("SuperResK3K3(8,16,1,8,1)", kept))
    assert [kind for kind, _ in removed] == ["same", "same", "removed", "same", "same"]


def test_no_block_is_lost() -> None:
    old = facts("SuperResK3K3(8,16,1,8,1)", "SuperResK3K3(16,32,2,16,2)", "SuperConvK1BNRELU(32,64,1,1)")
    new = facts("SuperResIDWE6K7(8,96,2,64,5)", "SuperConvK1BNRELU(96,128,1,1)")
    for a, b in ((old, new), (new, old), (old, old)):
        changes = block_changes(a, b)
        assert [change.old for change in changes if change.old] == [block.text for block in a]
        assert [change.new for change in changes if change.new] == [block.text for block in b]
    assert {change.kind for change in block_changes(old, old)} == {"same"}


def test_a_cell_has_nothing_in_common_with_blocks_but_the_classifier() -> None:
    cell = CellArchitecture.parse("|none~0|+|none~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|")
    changes = block_changes(facts("SuperResK3K3(8,16,1,8,1)"), block_facts(cell, 32, 10))
    assert changes[-1].kind == "same"
    assert "same" not in {change.kind for change in changes[:-1]}
