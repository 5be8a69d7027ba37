"""The cells of NAS-Bench-201 as a search space."""

from collections import Counter
from random import Random

import pytest

import zen_lightning as zl
from zen_lightning.arch import ArchitectureError, CellArchitecture
from zen_lightning.arch.cell_parser import CHOICES, EDGES
from zen_lightning.space import NasBench201Space

SKIPS = "|skip_connect~0|+|skip_connect~0|skip_connect~1|+|skip_connect~0|skip_connect~1|skip_connect~2|"


def test_it_is_found_by_its_name() -> None:
    space = zl.search_space("nas_bench_201")
    assert isinstance(space, NasBench201Space)
    assert (space.name, space.step, space.bounded) == ("nas_bench_201", 1, True)


def test_the_members_are_all_cells_once() -> None:
    members = list(NasBench201Space().members())
    assert len(members) == len(set(members)) == 15_625
    assert {len(set(column)) for column in zip(*(member.operations for member in members), strict=True)} == {5}


def test_members_can_be_sampled() -> None:
    space = NasBench201Space()
    sample = Random(0).sample(list(space.members()), 1_000)
    assert len({str(cell) for cell in sample}) == 1_000
    assert all(space.parse(str(cell)) == cell for cell in sample)
    for index in range(6):
        counts = Counter(cell.operations[index] for cell in sample)
        assert set(counts) == set(CHOICES)
        assert all(abs(count - 200) < 4.5 * 160**0.5 for count in counts.values())


def test_the_largest_member_bounds_the_space() -> None:
    largest = CellArchitecture(("nor_conv_3x3",) * 6)
    sizes = [(cell.num_params(10), cell.flops(32, 10)) for cell in list(NasBench201Space().members())[::25]]
    assert max(params for params, _ in sizes) <= largest.num_params(10)
    assert max(flops for _, flops in sizes) <= largest.flops(32, 10)


@pytest.mark.parametrize("index", range(6))
def test_choices_are_the_four_other_operations(index: int) -> None:
    source = (0, 0, 1, 0, 1, 2)[index]
    expected = sorted(f"{name}~{source}" for name in CHOICES if name != "skip_connect")
    assert NasBench201Space().choices(CellArchitecture.parse(SKIPS), index) == expected


def test_one_mutation_changes_one_edge() -> None:
    space, rng = NasBench201Space(), Random(5)
    cell = CellArchitecture.parse(SKIPS)
    for _ in range(200):
        child = space.mutate(cell, rng)
        assert sum(old != new for old, new in zip(cell.operations, child.operations, strict=True)) == 1
        cell = child


def test_edges_and_operations_are_drawn_uniformly_wherever_the_walk_is() -> None:
    space, rng = NasBench201Space(), Random(6)
    cell = CellArchitecture.parse(SKIPS)
    moves: Counter[tuple[int, int]] = Counter()
    for _ in range(12_000):
        child = space.mutate(cell, rng)
        (index,) = [i for i, (old, new) in enumerate(zip(cell.operations, child.operations, strict=True)) if old != new]
        others = [name for name in CHOICES if name != cell.operations[index]]
        moves[index, others.index(child.operations[index])] += 1
        cell = child
    assert set(moves) == {(index, other) for index in range(6) for other in range(4)}
    chi_square = sum((count - 500) ** 2 / 500 for count in moves.values())
    assert abs(chi_square - 23) < 4.5 * 46**0.5


def test_several_positions_change_as_many_edges_at_most() -> None:
    space, cell = NasBench201Space(), CellArchitecture.parse(SKIPS)
    changed = [
        sum(operation != "skip_connect" for operation in space.mutate(cell, Random(seed), positions=3).operations)
        for seed in range(300)
    ]
    assert set(changed) == {1, 2, 3}


def test_every_member_is_reached() -> None:
    space = NasBench201Space()
    reached = {CellArchitecture.parse(SKIPS)}
    front = set(reached)
    for _ in range(6):
        front = {
            CellArchitecture((*cell.operations[:index], text.split("~")[0], *cell.operations[index + 1 :]))
            for cell in front
            for index in range(len(EDGES))
            for text in space.choices(cell, index)
        } - reached
        reached |= front
    assert len(reached) == 15_625


def test_strings_of_other_spaces_are_refused() -> None:
    with pytest.raises(ArchitectureError, match=r"expected '\|' at the start of node 1"):
        NasBench201Space().parse("SuperConvK3BNRELU(3,8,1,1)")
    with pytest.raises(ArchitectureError, match="where a super-block starts"):
        zl.search_space("resnet").parse(SKIPS)
