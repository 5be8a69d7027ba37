"""A cell as a value: text, equality, pickling, expansion, exact counts, summary."""

import pickle
from random import Random

import pytest

from zen_lightning.arch import Architecture, ArchitectureError, CellArchitecture, Conv, parse_architecture
from zen_lightning.arch.cell import CellPart, Reduction
from zen_lightning.arch.cell_parser import CHOICES, EDGES
from zen_lightning.space import NasBench201Space

KNOWN = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|"
MIXED = "|avg_pool_3x3~0|+|none~0|nor_conv_1x1~1|+|skip_connect~0|none~1|nor_conv_3x3~2|"
EMPTY = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|"

STEM = 3 * 16 * 9 + 2 * 16
REDUCTIONS = sum(2 * c * c * 9 + 4 * c * c * 9 + 2 * c * c + 2 * 2 * 2 * c for c in (16, 32))
HEAD = 2 * 64 + 64 * 10 + 10


def drawn(count: int, seed: int) -> list[CellArchitecture]:
    rng = Random(seed)
    return [CellArchitecture(tuple(rng.choice(CHOICES) for _ in EDGES)) for _ in range(count)]


def test_the_text_of_every_member_comes_back() -> None:
    members = list(NasBench201Space().members())
    texts = [str(member) for member in members]
    assert len(set(texts)) == len(set(members)) == 5**6
    assert [CellArchitecture.parse(text) for text in texts] == members
    assert [str(CellArchitecture.parse(text)) for text in texts] == texts


def test_operations_in_the_order_of_the_text() -> None:
    cell = CellArchitecture.parse(MIXED)
    assert cell.operations == ("avg_pool_3x3", "none", "nor_conv_1x1", "skip_connect", "none", "nor_conv_3x3")
    assert str(CellArchitecture(cell.operations)) == MIXED


@pytest.mark.parametrize("operations", [("none",) * 5, ("none",) * 7, ("none",) * 5 + ("max_pool",), ()])
def test_operations_that_are_no_cell(operations: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="expected 6 operations, each one of none, skip_connect"):
        CellArchitecture(operations)


def test_repr_evaluates_to_an_equal_cell() -> None:
    cell = CellArchitecture.parse(MIXED)
    assert eval(repr(cell)) == cell


def test_equality_and_hash_follow_the_operations() -> None:
    cell, same, other = CellArchitecture.parse(MIXED), CellArchitecture.parse(f" {MIXED}\n"), CellArchitecture.parse(KNOWN)
    assert cell == same
    assert hash(cell) == hash(same)
    assert len({cell, same, other}) == 2
    assert cell != MIXED
    assert cell != Architecture.parse("SuperConvK3BNRELU(3,8,1,1)")


def test_pickling() -> None:
    cell = CellArchitecture.parse(MIXED)
    copy = pickle.loads(pickle.dumps(cell))
    assert copy == cell
    assert str(copy) == MIXED


def test_the_language_is_told_from_the_text() -> None:
    assert parse_architecture(f"\n {KNOWN} ") == CellArchitecture.parse(KNOWN)
    assert parse_architecture(" SuperConvK3BNRELU(3,8,1,1)") == Architecture.parse("SuperConvK3BNRELU(3,8,1,1)")
    with pytest.raises(ArchitectureError, match="the text is empty"):
        parse_architecture(" ")
    with pytest.raises(ArchitectureError, match=r"'~1' at position 5: expected '~0' after the operation"):
        parse_architecture("|none~1|")


def test_the_network_is_a_stem_and_cells_with_two_reductions_between() -> None:
    stem, *rest = CellArchitecture.parse(MIXED).expand()
    assert isinstance(stem, Conv)
    assert (stem.in_channels, stem.out_channels, stem.kernel_size, stem.stride, stem.relu) == (3, 16, 3, 1, False)
    assert [type(part) for part in rest] == [CellPart, Reduction, CellPart, Reduction, CellPart]
    assert [(part.channels, part.repeats) for part in rest[::2]] == [(16, 5), (32, 5), (64, 5)]
    for part in rest[::2]:
        assert [(edge.source, edge.target) for edge in part.edges] == list(EDGES)
        assert tuple(edge.operation for edge in part.edges) == CellArchitecture.parse(MIXED).operations
        kernels = [edge.conv.kernel_size if edge.conv else None for edge in part.edges]
        assert kernels == [None, None, 1, None, None, 3]
    for reduction, width in zip(rest[1::2], (16, 32), strict=True):
        assert [(conv.in_channels, conv.out_channels, conv.stride) for conv in reduction.body] == [
            (width, 2 * width, 2),
            (2 * width, 2 * width, 1),
        ]
        assert (reduction.shortcut.in_channels, reduction.shortcut.out_channels) == (width, 2 * width)


def test_the_known_point() -> None:
    cell = CellArchitecture.parse(KNOWN)
    assert cell.flops(resolution=32, num_classes=10) == 153_272_960
    assert cell.num_params(num_classes=10) == 1_073_466
    assert cell.num_layers == 1 + 15 * 5 + 4
    assert cell.out_channels == 64


def test_what_no_cell_takes_away() -> None:
    cell = CellArchitecture.parse(EMPTY)
    assert cell.num_params(10) == STEM + REDUCTIONS + HEAD
    stem, first, second = 3 * 16 * 9 * 32**2, (16 + 32) * 32 * 9 + 16 * 32, (32 + 64) * 64 * 9 + 32 * 64
    assert cell.flops(32, 10) == stem + first * 16**2 + second * 8**2 + 64 * 10
    assert cell.num_layers == 5


@pytest.mark.parametrize(("operation", "kernel_size"), [("nor_conv_1x1", 1), ("nor_conv_3x3", 3)])
@pytest.mark.parametrize("index", range(6))
def test_what_one_convolution_adds(operation: str, kernel_size: int, index: int) -> None:
    operations = ["none"] * 6
    operations[index] = operation
    cell, empty = CellArchitecture(tuple(operations)), CellArchitecture.parse(EMPTY)
    widths = (16, 32, 64)
    assert cell.num_params(10) - empty.num_params(10) == 5 * sum(c * c * kernel_size**2 + 2 * c for c in widths)
    sizes = zip(widths, (33, 17, 9), strict=True)
    assert cell.flops(33, 10) - empty.flops(33, 10) == 5 * sum(c * c * kernel_size**2 * size**2 for c, size in sizes)
    assert cell.num_layers - empty.num_layers == 15


@pytest.mark.parametrize("operation", ["skip_connect", "avg_pool_3x3"])
def test_operations_without_weights_cost_nothing(operation: str) -> None:
    cell, empty = CellArchitecture((operation,) * 6), CellArchitecture.parse(EMPTY)
    assert cell.num_params(10) == empty.num_params(10)
    assert cell.flops(32, 10) == empty.flops(32, 10)
    assert cell.num_layers == empty.num_layers


def test_classes_cost_what_the_classifier_does_and_se_nothing() -> None:
    cell = CellArchitecture.parse(MIXED)
    assert cell.num_params() - cell.num_params(10) == 990 * 65
    assert cell.flops(32) - cell.flops(32, 10) == 990 * 64
    assert cell.num_params(10, use_se=True) == cell.num_params(10)
    assert cell.flops(32, 10, use_se=True) == cell.flops(32, 10)
    assert cell.summary(32, 10, use_se=True) == cell.summary(32, 10)


@pytest.mark.parametrize("resolution", [0, -32])
def test_there_is_no_network_at_resolution_0(resolution: int) -> None:
    with pytest.raises(ValueError, match=f"resolution={resolution}: expected 1 or more"):
        CellArchitecture.parse(MIXED).flops(resolution)


@pytest.mark.parametrize("resolution", [1, 32, 33, 225])
def test_summary_adds_up_to_the_totals(resolution: int) -> None:
    for cell in drawn(20, seed=resolution):
        rows = cell.summary(resolution, 10)
        assert sum(row.layers for row in rows) == cell.num_layers
        assert sum(row.params for row in rows) == cell.num_params(10)
        assert sum(row.flops for row in rows) == cell.flops(resolution, 10)


def test_summary_says_what_leaves_each_part() -> None:
    rows = CellArchitecture.parse(KNOWN).summary(225, num_classes=7)
    names = ["stem", "5 cells", "residual block", "5 cells", "residual block", "5 cells", "classifier"]
    assert [row.block for row in rows] == names
    assert [row.resolution for row in rows] == [225, 225, 113, 113, 57, 57, 1]
    assert [row.channels for row in rows] == [16, 16, 32, 32, 64, 64, 7]
    assert [row.stage for row in rows] == [1, 1, 2, 2, 3, 3, 4]
    assert [row.layers for row in rows] == [1, 25, 2, 25, 2, 25, 0]


def test_a_cell_has_nothing_to_split() -> None:
    cell = CellArchitecture.parse(KNOWN)
    assert cell.split() is cell
