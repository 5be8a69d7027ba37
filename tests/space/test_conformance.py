"""What every search space keeps to. A new space joins by one line in SPACES."""

from collections import Counter
from random import Random
from typing import NamedTuple

import pytest

from zen_lightning.space import search_space


class Case(NamedTuple):
    """A search space and two of its architectures: one of several blocks, one of a single block with 20 to 1000 choices."""

    space: str
    text: str
    single: str


SPACES = [
    Case(
        "resnet",
        "SuperConvK3BNRELU(3,8,1,2)SuperResK3K3(8,16,1,8,1)SuperResK1K5K1(16,32,2,16,3)SuperConvK1BNRELU(32,128,1,1)",
        "SuperResK3K3(3,16,1,8,1)",
    ),
    Case(
        "mobilenet",
        "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,1)SuperResIDWE1K7(32,48,2,32,2)SuperConvK1BNRELU(48,2048,1,1)",
        "SuperResIDWE4K5(3,8,2,8,2)",
    ),
]

each_space = pytest.mark.parametrize("case", SPACES, ids=lambda case: case.space)


@each_space
def test_parse_gives_the_text_back(case: Case) -> None:
    space = search_space(case.space)
    assert str(space.parse(case.text)) == case.text
    assert space.name == case.space


@each_space
def test_choices_are_blocks_with_the_same_input_and_stride(case: Case) -> None:
    space = search_space(case.space)
    arch = space.parse(case.text)
    for index, parent in enumerate(arch.blocks):
        choices = space.choices(arch, index)
        assert choices == sorted(set(choices))
        for text in choices:
            block = type(arch).parse(text, parent.in_channels).blocks[0]
            assert block.text == text
            assert (block.in_channels, block.stride) == (parent.in_channels, parent.stride)


@each_space
def test_choices_are_what_pick_reaches(case: Case) -> None:
    space = search_space(case.space)
    arch = space.parse(case.text)
    for index, block in enumerate(arch.blocks):
        replacements = space.replacements(block)
        picked = [replacements.pick(number).text for number in range(replacements.count)]
        assert sorted(picked) == space.choices(arch, index)


@each_space
@pytest.mark.parametrize("positions", [1, 2, 3])
def test_only_drawn_positions_change(case: Case, positions: int) -> None:
    space = search_space(case.space)
    parent = space.parse(case.text)
    for seed in range(60):
        draws = Random(seed)
        drawn = {int(draws.random() * len(parent.blocks)) for _ in range(positions)}
        child = space.mutate(parent, Random(seed), positions)
        assert len(child.blocks) == len(parent.blocks)
        for index, (old, new) in enumerate(zip(parent.blocks, child.blocks, strict=True)):
            if index in drawn:
                assert new.behind(old.in_channels).text in space.choices(parent, index)
            else:
                assert new.behind(old.in_channels) == old
    assert str(parent) == case.text


@each_space
@pytest.mark.parametrize("seed", range(5))
def test_a_walk_of_mutations_chains(case: Case, seed: int) -> None:
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
def test_positions_are_drawn_uniformly(case: Case) -> None:
    space, rng = search_space(case.space), Random(2)
    parent = space.parse(case.text)
    moved: Counter[int] = Counter()
    for _ in range(2_000):
        child = space.mutate(parent, rng)
        for index, (old, new) in enumerate(zip(parent.blocks, child.blocks, strict=True)):
            moved[index] += new.behind(old.in_channels) != old
    for index, block in enumerate(parent.blocks):
        count = space.replacements(block).count
        # A draw that gives the block itself does not show.
        itself = block.text in space.choices(parent, index)
        expected = 2_000 / len(parent.blocks) * (count - itself) / count
        assert abs(moved[index] - expected) <= 4.5 * expected**0.5


@each_space
def test_replacements_are_drawn_uniformly(case: Case) -> None:
    space, rng = search_space(case.space), Random(3)
    arch = space.parse(case.single)
    choices = space.choices(arch, 0)
    assert 20 <= len(choices) <= 1000
    draws = 100 * len(choices)
    counts = Counter(str(space.mutate(arch, rng)) for _ in range(draws))
    assert set(counts) == set(choices)
    chi_square = sum((counts[text] - 100) ** 2 / 100 for text in choices)
    freedom = len(choices) - 1
    assert abs(chi_square - freedom) < 4.5 * (2 * freedom) ** 0.5
