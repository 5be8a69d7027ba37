"""What every search space keeps to. A new space joins by one line in SPACES."""

import pickle
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

import pytest

from zen_lightning.arch import Architecture, CellArchitecture, CodedArchitecture
from zen_lightning.arch.cell_parser import EDGES
from zen_lightning.space import BlockSpace, search_space


def blocks(child: Architecture, parent: Architecture) -> list[str]:
    """Return the super-blocks of a child; one that merely follows a new width reads as in the parent."""
    return [new.with_in_channels(old.in_channels).text for new, old in zip(child.blocks, parent.blocks, strict=True)]


def edges(child: CellArchitecture, parent: CellArchitecture) -> list[str]:
    """Return the edges of a child."""
    return [f"{operation}~{source}" for operation, (source, _) in zip(child.operations, EDGES, strict=True)]


def digits(child: CodedArchitecture, parent: CodedArchitecture) -> list[str]:
    """Return the six digits of a child, 0 after its last module."""
    return [*child.parts, *"000000"][:6]


def parts(child: CodedArchitecture, parent: CodedArchitecture) -> list[str]:
    """Return the parts of the code of a child."""
    return list(child.parts)


class Case(NamedTuple):
    """A search space and two of its architectures: one of several parts, one that has 10 to 1000 mutants.

    ``parts`` writes a child of a parent as :meth:`SearchSpace.choices` of the parent writes replacements.
    """

    space: str
    text: str
    small: str
    parts: Callable[[Any, Any], list[str]]


SPACES = [
    Case(
        "resnet",
        "SuperConvK3BNRELU(3,8,1,2)SuperResK3K3(8,16,1,8,1)SuperResK1K5K1(16,32,2,16,3)SuperConvK1BNRELU(32,128,1,1)",
        "SuperResK3K3(3,16,1,8,1)",
        blocks,
    ),
    Case(
        "mobilenet",
        "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,1)SuperResIDWE1K7(32,48,2,32,2)SuperConvK1BNRELU(48,2048,1,1)",
        "SuperResIDWE4K5(3,8,2,8,2)",
        blocks,
    ),
    Case(
        "mbconv",
        "SuperConvK3BNRELU(3,16,2,1)MBConvE1K3(16,16,1,1)MBConvE4K5SE(16,24,2,3)SuperConvK1BNRELU(24,640,1,1)",
        "MBConvE6K5SE(3,16,2,2)",
        blocks,
    ),
    Case(
        "nas_bench_201",
        "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|avg_pool_3x3~0|nor_conv_1x1~1|none~2|",
        "|skip_connect~0|+|skip_connect~0|skip_connect~1|+|none~0|none~1|none~2|",
        edges,
    ),
    Case(
        "accel_nasbench",
        "e6k3l1s0-e4k5l2s0-e6k3l3s0-e6k5l3s1-e6k5l2s0-e1k3l4s0-e1k3l2s0",
        "-".join(["e1k3l1s0"] * 7),
        parts,
    ),
    Case("nas_bench_macro", "01201212", "00000000", parts),
    Case("transnas_macro", "14213", "1242", digits),
]

each_space = pytest.mark.parametrize("case", SPACES, ids=lambda case: case.space)
each_block_space = pytest.mark.parametrize(
    "case", [case for case in SPACES if isinstance(search_space(case.space), BlockSpace)], ids=lambda case: case.space
)


class OnlyRandom(Random):
    """A generator of which nothing but ``random()`` may be called."""

    def getrandbits(self, k: int, /) -> int:
        raise AssertionError("only rng.random() is the same on every platform and version of Python")


@each_space
def test_parse_gives_the_text_back(case: Case) -> None:
    space = search_space(case.space)
    assert str(space.parse(case.text)) == case.text
    assert space.name == case.space
    assert space.parse(f"  {case.text}\n") == space.parse(case.text)


@each_space
def test_a_step_draws_at_least_one_position(case: Case) -> None:
    assert search_space(case.space).step >= 1


@each_space
def test_choices_are_sorted_and_written_once(case: Case) -> None:
    space = search_space(case.space)
    arch = space.parse(case.text)
    for index in range(len(case.parts(arch, arch))):
        choices = space.choices(arch, index)
        assert choices
        assert choices == sorted(set(choices))


@each_space
@pytest.mark.parametrize("positions", [1, 2, 3])
def test_only_drawn_positions_change(case: Case, positions: int) -> None:
    space = search_space(case.space)
    parent = space.parse(case.text)
    before = case.parts(parent, parent)
    for seed in range(60):
        draws = Random(seed)
        drawn = {int(draws.random() * len(before)) for _ in range(positions)}
        child = space.mutate(parent, Random(seed), positions)
        for index, (old, new) in enumerate(zip(before, case.parts(child, parent), strict=True)):
            if index in drawn:
                assert new in space.choices(parent, index)
            else:
                assert new == old
    assert str(parent) == case.text


@each_space
@pytest.mark.parametrize("seed", range(5))
def test_a_walk_of_mutations_stays_in_the_space(case: Case, seed: int) -> None:
    space, rng = search_space(case.space), Random(seed)
    arch = space.parse(case.text)
    seen = {str(arch)}
    for _ in range(25):
        arch = space.mutate(arch, rng, positions=2)
        assert space.parse(str(arch)) == arch
        seen.add(str(arch))
    assert len(seen) > 10


@each_space
def test_the_same_seed_gives_the_same_result(case: Case) -> None:
    space = search_space(case.space)
    arch = space.parse(case.text)
    first = [str(space.mutate(arch, Random(seed))) for seed in range(50)]
    assert first == [str(search_space(case.space).mutate(space.parse(case.text), Random(seed))) for seed in range(50)]
    assert len(set(first)) > 10


@each_space
def test_only_random_of_the_generator_is_called(case: Case) -> None:
    space = search_space(case.space)
    arch = space.parse(case.text)
    for seed in range(20):
        assert space.mutate(arch, OnlyRandom(seed), positions=3) == space.mutate(arch, Random(seed), positions=3)


@each_space
def test_pickling(case: Case) -> None:
    space = search_space(case.space)
    arch = space.parse(case.text)
    child = space.mutate(arch, Random(1), positions=2)
    copy, copied_arch = pickle.loads(pickle.dumps((space, arch)))
    assert copy.mutate(copied_arch, Random(1), positions=2) == child


@each_space
def test_positions_are_drawn_uniformly(case: Case) -> None:
    space, rng = search_space(case.space), Random(2)
    parent = space.parse(case.text)
    before = case.parts(parent, parent)
    moved: Counter[int] = Counter()
    for _ in range(2_000):
        after = case.parts(space.mutate(parent, rng), parent)
        moved.update(index for index, (old, new) in enumerate(zip(before, after, strict=True)) if new != old)
    for index, old in enumerate(before):
        choices = space.choices(parent, index)
        # A draw that gives the part itself does not show.
        expected = 2_000 / len(before) * (len(choices) - (old in choices)) / len(choices)
        assert abs(moved[index] - expected) <= 4.5 * expected**0.5


@each_space
def test_replacements_are_drawn_uniformly(case: Case) -> None:
    space, rng = search_space(case.space), Random(3)
    parent = space.parse(case.small)
    before = case.parts(parent, parent)
    share: dict[tuple[str, ...], float] = {}
    for index in range(len(before)):
        choices = space.choices(parent, index)
        for text in choices:
            child = (*before[:index], text, *before[index + 1 :])
            share[child] = share.get(child, 0) + 1 / len(before) / len(choices)
    assert 10 <= len(share) <= 1000
    assert sum(share.values()) == pytest.approx(1)
    draws = 100 * len(share)
    counts = Counter(tuple(case.parts(space.mutate(parent, rng), parent)) for _ in range(draws))
    assert set(counts) == set(share)
    chi_square = sum((counts[child] - draws * part) ** 2 / (draws * part) for child, part in share.items())
    freedom = len(share) - 1
    assert abs(chi_square - freedom) < 4.5 * (2 * freedom) ** 0.5


@each_block_space
def test_choices_are_blocks_with_the_same_input_and_stride(case: Case) -> None:
    space = search_space(case.space)
    arch = space.parse(case.text)
    for index, parent in enumerate(arch.blocks):
        for text in space.choices(arch, index):
            block = type(arch).parse(text, parent.in_channels).blocks[0]
            assert block.text == text
            assert (block.in_channels, block.stride) == (parent.in_channels, parent.stride)


@each_block_space
def test_choices_are_what_pick_reaches(case: Case) -> None:
    space = search_space(case.space)
    assert isinstance(space, BlockSpace)
    arch = space.parse(case.text)
    for index, block in enumerate(arch.blocks):
        replacements = space.replacements(block)
        picked = [replacements.pick(number).text for number in range(replacements.count)]
        assert sorted(picked) == space.choices(arch, index)


@each_block_space
def test_blocks_keep_their_number_and_follow_the_width_before_them(case: Case) -> None:
    space = search_space(case.space)
    parent = space.parse(case.text)
    for seed in range(60):
        child = space.mutate(parent, Random(seed), positions=2)
        assert len(child.blocks) == len(parent.blocks)
        arriving = [3, *(block.out_channels for block in child.blocks)]
        assert [block.in_channels for block in child.blocks] == arriving[:-1]
