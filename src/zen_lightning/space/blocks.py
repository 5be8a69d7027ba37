"""Spaces of super-blocks."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any, ClassVar

from zen_lightning.arch import Architecture, SuperBlock
from zen_lightning.arch.block import BlockKey, block_of
from zen_lightning.arch.languages import written_channels
from zen_lightning.arch.plain.block import is_primitive, unchanged
from zen_lightning.space.base import SearchSpace

_TIMES = 4
"""Of so many replacements one is not tied. A choice: with one of two, seeds under 600M FLOPs scatter down to 99.09; with one of
four none is below 99.8 (docs/benchmarks.md), and every network stays within reach."""


class Replacements:
    """The allowed replacements of one super-block: every name with every combination of some of its integers.

    Args:
        block: the block to replace; arguments that are not free stay as they are.
        names: super-block names, of families with the same arguments as the block.
        free: the arguments that may change.
        tied: positions of two arguments; then every replacement is there four times, three of them with the first of the two
            arguments equal to the other. A uniform draw ties them in three of four cases.

    Attributes:
        count: number of replacements.
        depths: what says of replacement ``number`` by how many sub-layers it is deeper than the block, all that a limit on
            layers asks: ``untied, below, size, more = depths``, and ``more[number % untied // below % size]``.
    """

    __slots__ = ("_free", "_key", "_names", "_tied", "_untied", "count", "depths")

    def __init__(
        self, block: SuperBlock, names: tuple[str, ...], free: "FreeArguments", tied: tuple[int, int] | None = None
    ) -> None:
        self._key: BlockKey = (block.name, *block.args)
        self._names = names
        self._free = free.options
        self._tied = (0, 0) if tied is None else (tied[0] + 1, tied[1] + 1)  # After the name.
        self._untied = len(names) * free.count
        self.count = self._untied if tied is None else _TIMES * self._untied
        below, values = free.values_of(block.arguments.index("sub_layers"), block.sub_layers)
        self.depths = self._untied, below, len(values), tuple([value - block.sub_layers for value in values])

    def pick(self, number: int) -> SuperBlock:
        """Return replacement ``number`` of ``range(count)``."""
        return block_of(self.key(number))

    def key(self, number: int, in_channels: int | None = None) -> BlockKey:
        """Return name and integers of replacement ``number`` of ``range(count)``.

        Args:
            number: of the replacement.
            in_channels: the width that arrives; None: as it was.
        """
        ties = number >= self._untied
        number %= self._untied
        key = list(self._key)
        for position, size, values in self._free:
            key[position] = values[number % size]
            number //= size
        key[0] = self._names[number]
        if in_channels is not None:
            key[1] = in_channels
        if ties:
            follows, leads = self._tied
            key[follows] = key[leads]
        return tuple(key)


class FreeArguments:
    """The integers of a super-block that may change, and their values.

    Args:
        options: for each argument its position and its values.

    Attributes:
        options: for each argument its position after the name, the number of its values, and the values.
        count: number of combinations.
    """

    def __init__(self, *options: tuple[int, tuple[int, ...]]) -> None:
        self.options = tuple((position + 1, len(values), values) for position, values in options)
        self.count = 1
        for _, values in options:
            self.count *= len(values)

    def values_of(self, position: int, fixed: int) -> tuple[int, tuple[int, ...]]:
        """Return the values of an argument, and the number of combinations of those before it.

        Args:
            position: of the argument.
            fixed: its value where it is not free.
        """
        below = 1
        for place, size, values in self.options:
            if place == position + 1:
                return below, values
            below *= size
        return 1, (fixed,)


class BlockSpace(SearchSpace[Architecture]):
    """A space of rows of super-blocks, defined by the allowed replacements of each block: implement :meth:`replacements`.

    Attributes:
        any_width: class attribute, whether replacements of replacements reach every multiple of 8 as a width that may change.
            Then a start that is over a budget is scaled down to it, instead of by mutations.
    """

    any_width: ClassVar[bool] = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "mutate" in vars(cls) and "child" not in vars(cls):  # Mutations of its own: they are asked.
            cls.child = SearchSpace.child  # type: ignore[method-assign]

    @abstractmethod
    def replacements(self, block: SuperBlock) -> Replacements:
        """Return the allowed replacements of ``block``, which include the block itself if it is in the space.

        They do not depend on the width that arrives, which a mutation of the block before it may change at the same time.
        """

    def parse(self, text: str) -> Architecture:
        """Return the architecture that a structure string names.

        Raises:
            ArchitectureError: with the position and what was expected there.
            UserError: it has primitive blocks, which no search changes.
        """
        architecture = Architecture.parse(text, written_channels(text))
        for block in architecture.blocks:
            if is_primitive(block):
                raise unchanged(block)
        return architecture

    def choices(self, architecture: Architecture, index: int) -> list[str]:
        """Return the text of every allowed replacement of super-block ``index``, sorted."""
        replacements = self._replacements(architecture.blocks[index])
        return sorted({replacements.pick(number).text for number in range(replacements.count)})

    def odds(self, architecture: Architecture, index: int) -> dict[str, float]:
        """Return the probability of every choice for super-block ``index``."""
        replacements = self._replacements(architecture.blocks[index])
        counts = Counter(replacements.pick(number).text for number in range(replacements.count))
        return {text: count / replacements.count for text, count in counts.items()}

    def neighbours(self, architecture: Architecture, index: int) -> Iterator[Architecture]:
        """Yield the architecture with super-block ``index`` replaced, once for each allowed replacement."""
        replacements = self._replacements(architecture.blocks[index])
        for number in range(replacements.count):
            yield Architecture(_replaced(architecture.blocks, {index: (replacements, number)}))

    def mutate(self, architecture: Architecture, rng: Random, positions: int = 1) -> Architecture:
        """Return the architecture with some of its super-blocks replaced; see :meth:`SearchSpace.mutate`."""
        _, picked = self._draw(architecture, rng, positions)
        return Architecture(_replaced(architecture.blocks, picked))

    def child(self, architecture: Architecture, rng: Random, positions: int, max_layers: float) -> Architecture | None:
        """Return a mutation, split; or None where it has too many layers. More than half of a search's do: none is made."""
        more, picked = self._draw(architecture, rng, positions)
        layers = architecture.num_layers + more
        if layers > max_layers:
            return None
        blocks = _replaced(architecture.blocks, picked)
        whole = architecture.is_whole
        if whole:
            for index in picked:  # The others are as they were, or only read another width.
                new = blocks[index]
                if new.sub_layers >= new.split_from:
                    whole = False
        child = Architecture(blocks, layers, whole)
        return child if whole else child.split()

    def _draw(self, architecture: Architecture, rng: Random, positions: int) -> tuple[int, dict[int, tuple[Replacements, int]]]:
        """Draw replacements; return how many layers they add, and each with its number, by position."""
        random = rng.random
        blocks = architecture.blocks
        total = len(blocks)
        if positions == 2:  # The step of the evolution, half a million times.
            first, second = int(random() * total), int(random() * total)
            drawn: tuple[int, ...] = (first,) if first == second else (first, second)
        else:
            drawn = tuple(dict.fromkeys([int(random() * total) for _ in range(positions)]))
        picked = {}
        layers = 0
        for index in drawn:
            old = blocks[index]
            replacements = old.cache.get(self) or self._replacements(old)
            number = int(random() * replacements.count)
            picked[index] = replacements, number
            untied, below, size, more = replacements.depths
            layers += more[number % untied // below % size]
        return layers, picked

    def _replacements(self, block: SuperBlock) -> Replacements:
        known: Replacements | None = block.cache.get(self)
        if known is None:
            known = block.cache[self] = self.replacements(block)
        return known


def _replaced(blocks: tuple[SuperBlock, ...], picked: dict[int, tuple[Replacements, int]]) -> tuple[SuperBlock, ...]:
    """Return the blocks with some of them replaced; each reads the width that the one before it has now."""
    made = list(blocks)
    for index in sorted(picked) if len(picked) > 1 else picked:
        replacements, number = picked[index]
        new = made[index] = block_of(replacements.key(number, made[index - 1].out_channels if index else None))
        following = index + 1
        if following < len(made) and following not in picked and new.out_channels != blocks[index].out_channels:
            made[following] = made[following].with_in_channels(new.out_channels)
    return tuple(made)
