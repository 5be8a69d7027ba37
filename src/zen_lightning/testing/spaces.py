"""The requirements on every search space."""

import itertools
import math
import pickle
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from zen_lightning.arch import CellArchitecture, CodedArchitecture
from zen_lightning.arch.cell_parser import EDGES
from zen_lightning.space import BlockSpace, SearchSpace
from zen_lightning.testing.suite import Suite


class SpaceCase(NamedTuple):
    """A search space and two of its architectures.

    Attributes:
        make: gives the space.
        text: an architecture of several parts.
        small: one that has 10 to 1000 mutants.
        parts: writes a child (first argument) of a parent as :meth:`SearchSpace.choices` of the parent writes replacements.
    """

    make: Callable[[], SearchSpace[Any]]
    text: str
    small: str
    parts: Callable[[Any, Any], list[str]]


SPACE: Suite[SpaceCase] = Suite("search space")
"""The checks."""


def check_space(
    space: Callable[[], SearchSpace[Any]],
    text: str,
    small: str,
    parts: Callable[[Any, Any], list[str]] | None = None,
) -> None:
    """Check a search space of your own against the requirements on spaces: texts, odds, reproducibility, pickling.

    Args:
        space: its class, or what makes one.
        text: one of its architectures, of several parts, as text.
        small: one with 10 to 1000 mutants.
        parts: returns the replaceable parts of an architecture, the first argument, as the space writes its choices for that
            it was made from, the second; by default super-blocks, edges of a cell, parts of a code.

    Raises:
        AssertionError: it does not hold everything; the message lists what, with the line that failed.

    Example:
        >>> from functools import partial
        >>> from zen_lightning.space import search_space
        >>> check_space(partial(search_space, "nas_bench_macro"), "01201212", "00000000")
    """
    SPACE.run(SpaceCase(space, text, small, parts or parts_of))


def parts_of(child: Any, parent: Any) -> list[str]:
    """Return the parts of an architecture as choices are written.

    A super-block that merely follows a new width reads as in the parent.
    """
    if isinstance(child, CodedArchitecture):
        return list(child.parts)
    if isinstance(child, CellArchitecture):
        return [f"{operation}~{source}" for operation, (source, _) in zip(child.operations, EDGES, strict=True)]
    pairs = zip(child.blocks, parent.blocks, strict=True)
    return [new.with_in_channels(old.in_channels).text for new, old in pairs]


class _OnlyRandom(Random):
    """A generator of which nothing but ``random()`` may be called."""

    def getrandbits(self, k: int, /) -> int:
        raise AssertionError("only rng.random() is the same on every platform and version of Python")


@SPACE.add
def _parse_gives_the_text_back(case: SpaceCase) -> None:
    space = case.make()
    assert str(space.parse(case.text)) == case.text
    assert space.name
    assert space.parse(f"  {case.text}\n") == space.parse(case.text)


@SPACE.add
def _a_step_draws_at_least_one_position(case: SpaceCase) -> None:
    assert case.make().step >= 1


@SPACE.add
def _choices_are_sorted_and_written_once(case: SpaceCase) -> None:
    space = case.make()
    arch = space.parse(case.text)
    for index in range(len(case.parts(arch, arch))):
        choices = space.choices(arch, index)
        assert choices
        assert choices == sorted(set(choices))


@SPACE.add
def _only_drawn_positions_change(case: SpaceCase) -> None:
    space = case.make()
    parent = space.parse(case.text)
    before = case.parts(parent, parent)
    for seed, positions in itertools.product(range(60), (1, 2, 3)):
        draws = Random(seed)
        drawn = {int(draws.random() * len(before)) for _ in range(positions)}
        child = space.mutate(parent, Random(seed), positions)
        for index, (old, new) in enumerate(zip(before, case.parts(child, parent), strict=True)):
            if index in drawn:
                assert new in space.choices(parent, index)
            else:
                assert new == old
    assert str(parent) == case.text


@SPACE.add
def _a_child_is_the_mutation_as_a_search_writes_it_or_too_deep(case: SpaceCase) -> None:
    space = case.make()
    parent = space.parse(case.text)
    for seed, positions in itertools.product(range(40), (1, 2, 3)):
        mutation = space.mutate(parent, Random(seed), positions).split()
        child = space.child(parent, Random(seed), positions, math.inf)
        assert child == mutation
        assert child.num_layers == space.parse(str(child)).num_layers
        assert space.child(parent, Random(seed), positions, mutation.num_layers) == mutation
        assert space.child(parent, Random(seed), positions, mutation.num_layers - 1) is None
        parent = space.parse(case.text) if child.num_layers > 30 else child


@SPACE.add
def _a_walk_of_mutations_stays_in_the_space(case: SpaceCase) -> None:
    space = case.make()
    for seed in range(5):
        rng, arch = Random(seed), space.parse(case.text)
        seen = {str(arch)}
        for _ in range(25):
            arch = space.mutate(arch, rng, positions=2)
            assert space.parse(str(arch)) == arch, f"{arch} is not in the space"
            seen.add(str(arch))
        assert len(seen) > 10


@SPACE.add
def _the_same_seed_gives_the_same_result(case: SpaceCase) -> None:
    space = case.make()
    arch = space.parse(case.text)
    first = [str(space.mutate(arch, Random(seed))) for seed in range(50)]
    assert first == [str(case.make().mutate(space.parse(case.text), Random(seed))) for seed in range(50)]
    assert len(set(first)) > 10


@SPACE.add
def _only_random_of_the_generator_is_called(case: SpaceCase) -> None:
    space = case.make()
    arch = space.parse(case.text)
    for seed in range(20):
        assert space.mutate(arch, _OnlyRandom(seed), positions=3) == space.mutate(arch, Random(seed), positions=3)


@SPACE.add
def _pickling(case: SpaceCase) -> None:
    space = case.make()
    arch = space.parse(case.text)
    child = space.mutate(arch, Random(1), positions=2)
    copy, copied_arch = pickle.loads(pickle.dumps((space, arch)))
    assert copy.mutate(copied_arch, Random(1), positions=2) == child


@SPACE.add
def _odds_are_those_of_the_choices(case: SpaceCase) -> None:
    space = case.make()
    arch = space.parse(case.text)
    for index in range(len(case.parts(arch, arch))):
        odds = space.odds(arch, index)
        assert sorted(odds) == space.choices(arch, index)
        assert min(odds.values()) > 0
        assert math.isclose(sum(odds.values()), 1)


@SPACE.add
def _positions_are_drawn_uniformly(case: SpaceCase) -> None:
    space, rng = case.make(), Random(2)
    parent = space.parse(case.text)
    before = case.parts(parent, parent)
    moved: Counter[int] = Counter()
    for _ in range(2_000):
        after = case.parts(space.mutate(parent, rng), parent)
        moved.update(index for index, (old, new) in enumerate(zip(before, after, strict=True)) if new != old)
    for index, old in enumerate(before):
        # A draw that gives the part itself does not show.
        expected = 2_000 / len(before) * (1 - space.odds(parent, index).get(old, 0))
        assert abs(moved[index] - expected) <= 4.5 * expected**0.5


@SPACE.add
def _replacements_are_drawn_by_their_odds(case: SpaceCase) -> None:
    space, rng = case.make(), Random(3)
    parent = space.parse(case.small)
    before = case.parts(parent, parent)
    share: dict[tuple[str, ...], float] = {}
    for index in range(len(before)):
        for text, odds in space.odds(parent, index).items():
            child = (*before[:index], text, *before[index + 1 :])
            share[child] = share.get(child, 0) + odds / len(before)
    assert 10 <= len(share) <= 1000
    assert math.isclose(sum(share.values()), 1)
    draws = 100 * len(share)
    counts = Counter(tuple(case.parts(space.mutate(parent, rng), parent)) for _ in range(draws))
    assert set(counts) == set(share)
    chi_square = sum((counts[child] - draws * part) ** 2 / (draws * part) for child, part in share.items())
    freedom = len(share) - 1
    assert abs(chi_square - freedom) < 4.5 * (2 * freedom) ** 0.5


@SPACE.add
def _choices_are_blocks_with_the_same_input_and_stride(case: SpaceCase) -> None:
    space = case.make()
    if not isinstance(space, BlockSpace):
        return
    arch = space.parse(case.text)
    for index, parent in enumerate(arch.blocks):
        for text in space.choices(arch, index):
            block = type(arch).parse(text, parent.in_channels).blocks[0]
            assert block.text == text
            assert (block.in_channels, block.stride) == (parent.in_channels, parent.stride)


@SPACE.add
def _choices_are_what_pick_reaches(case: SpaceCase) -> None:
    space = case.make()
    if not isinstance(space, BlockSpace):
        return
    arch = space.parse(case.text)
    for index, block in enumerate(arch.blocks):
        replacements = space.replacements(block)
        picked = {replacements.pick(number).text for number in range(replacements.count)}
        assert sorted(picked) == space.choices(arch, index)


@SPACE.add
def _blocks_keep_their_number_and_follow_the_width_before_them(case: SpaceCase) -> None:
    space = case.make()
    if not isinstance(space, BlockSpace):
        return
    parent = space.parse(case.text)
    for seed in range(60):
        child = space.mutate(parent, Random(seed), positions=2)
        assert len(child.blocks) == len(parent.blocks)
        arriving = [3, *(block.out_channels for block in child.blocks)]
        assert [block.in_channels for block in child.blocks] == arriving[:-1]
