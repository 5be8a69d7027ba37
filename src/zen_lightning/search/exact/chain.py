"""A search space as a chain of moves: the blocks that may follow each other, and their resolutions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from zen_lightning.arch import Architecture, BaseArchitecture, SuperBlock
from zen_lightning.arch.block import families
from zen_lightning.arch.counting import count_block
from zen_lightning.arch.plain.block import is_primitive
from zen_lightning.arch.super_conv import SuperConv
from zen_lightning.errors import UserError
from zen_lightning.search.exact.rows import ends_in_relu, is_stated, reads_input
from zen_lightning.search.exact.rules import NO_RULES, Rules, States
from zen_lightning.search.exact.score import Place
from zen_lightning.space import SearchSpace
from zen_lightning.space.chained import Chained


class NoTablesError(UserError):
    """A space, a block, a score or a limit is not additive over blocks, so the exact optimiser has no tables of it."""


@dataclass(frozen=True)
class Move:
    """The blocks allowed at one place of the chain.

    Attributes:
        names: names of the blocks.
        stride: stride of the blocks.
        place: their place in the network.
        layers: the largest number of sub-layers.
        residual: whether they are no convolutions, so that their names and sub-layers can be chosen.
        fixed: out channels and sub-layers, if the space fixes them; None otherwise.
        largest: the largest out or bottleneck channels; None if only the budget limits them.
        stage: number of their stage, as shapes speak of stages; None for the stem and for a last convolution.
    """

    names: tuple[str, ...]
    stride: int
    place: Place
    layers: int
    residual: bool
    fixed: tuple[int, int] | None
    largest: int | None
    stage: int | None = None

    @property
    def fixed_layers(self) -> int:
        """Sub-layers of a convolution: those that the space fixes, or one."""
        return self.fixed[1] if self.fixed is not None else 1

    @cached_property
    def by_input(self) -> bool:
        """Whether widths inside the blocks depend on their input width: then each is stated for one input width."""
        return any(reads_input(name) for name in self.names)

    @cached_property
    def has_bottleneck(self) -> bool:
        """Whether the blocks have bottleneck channels of their own."""
        return all("bottleneck_channels" in families[name].arguments for name in self.names)


@dataclass(frozen=True)
class Chain:
    """All networks of a space that mutations of one start reach.

    A network has one block for each of ``steps``, and any number of blocks of ``extra[i]`` after step ``i``: mutations give a
    block 6 or more sub-layers, the search splits it in two, and each part changes on its own from then on.

    Attributes:
        steps: a move for each block of the start.
        extra: for each step, the move that may follow any number of times; None after a convolution.
        layers: the limit on layers.
        blocks: the largest number of residual blocks that splits within that limit can give.
        image_channels: channels of the image.
        rules: what networks obey besides limits on costs.
    """

    steps: tuple[Move, ...]
    extra: tuple[Move | None, ...]
    layers: int
    blocks: int
    image_channels: int = 3
    rules: Rules = NO_RULES

    @cached_property
    def states(self) -> States:
        """The integers that partial networks carry."""
        return States(self.layers, self.rules, tuple(move.stage for move in self.steps))

    @property
    def fixed_widths(self) -> tuple[int, ...]:
        """Out channels that the space fixes, and the image's channels where blocks are stated for each input width."""
        fixed = tuple(move.fixed[0] for move in self.steps if move.fixed is not None)
        return (*fixed, self.image_channels) if self.steps[0].by_input else fixed

    @property
    def fixed_names(self) -> tuple[str, ...]:
        """Names of the blocks that never change."""
        return tuple(name for move in self.steps if move.fixed is not None for name in move.names)


def chain_of(
    space: SearchSpace[Any], start: BaseArchitecture, layers: int | None, resolution: int, rules: Rules | None = None
) -> Chain:
    """Return the networks that a search from ``start`` can reach.

    Args:
        space: a space of super-blocks.
        start: start of the search; it may exceed the budget.
        layers: the limit on layers.
        resolution: height and width of the images.
        rules: what networks obey besides limits on costs.

    Raises:
        NoTablesError: the space states no tables.
        UserError: there is no limit on layers.
    """
    if not isinstance(space, Chained) or not isinstance(start, Architecture):
        name = getattr(space, "name", type(space).__name__)
        raise NoTablesError(f"the search space {name!r} states no tables of its blocks", key="space")
    if layers is None:
        what = "the exact optimiser needs a limit on layers, as without one more layers always raise the score"
        raise UserError(what, key="layers", remedy="set {layers}")
    steps: list[Move] = []
    extra: list[Move | None] = []
    stage, size, rectified = 0, resolution, False
    for number, block in enumerate(start.blocks):
        leaves = count_block(block, size).resolution
        stage += number > 0 and leaves != size
        move = _move(space, block, Place(size, number == 0, stage, rectified), layers)
        is_last = number == len(start.blocks) - 1 and not move.residual and move.fixed_layers == 1 and leaves == size
        move = replace(move, stage=None if number == 0 or is_last else stage)
        steps.append(move)
        size, rectified = leaves, _rectified(move)
        repeats = move.residual and _splits(move, layers)
        extra.append(_repeat(move, Place(size, False, stage, rectified)) if repeats else None)
    convs = sum(1 for move in steps if not move.residual)
    residual = len(steps) - convs
    split_from = min((_split_from(move) for move in steps if move.residual), default=0)
    splits = layers - convs - split_from + 2 if any(extra) else 0
    most = max(residual, splits) if residual else 0
    chain = Chain(tuple(steps), tuple(extra), layers, most, start.blocks[0].in_channels, rules or NO_RULES)
    if chain.rules.by_stage and chain.steps[-1].residual:
        what = "the exact optimiser knows the stages of networks that end in a convolution, not of others"
        raise NoTablesError(what, key="budget")
    return chain


def _move(space: Chained, block: SuperBlock, place: Place, most: int) -> Move:
    names: Sequence[str]
    is_conv = isinstance(block, SuperConv)
    if is_conv:
        is_fixed = space.is_fixed(block)
        names, fixed = (block.name,), (block.out_channels, block.sub_layers) if is_fixed else None
        layers = block.sub_layers if is_fixed else 1
    elif is_primitive(block):
        raise NoTablesError(
            f"the exact optimiser knows no tables of {block.text}", key="start", remedy="write it in super-blocks"
        )
    elif block.arguments == families[space.residual_names[0]].arguments:
        names, fixed, layers = space.residual_names, None, min(block.split_from - 1, most)
    else:
        raise NoTablesError(f"the search space {space.name!r} does not say what {block.text} may turn into", key="space")
    for name in names:
        if not is_stated(name):
            raise NoTablesError(f"the super-block {name} states no tables", key="space")
    if len({families[name].arguments for name in names}) > 1:
        raise NoTablesError(f"the blocks {names[0]}, {names[-1]} of one place have different arguments", key="space")
    return Move(tuple(names), block.stride, place, layers, not is_conv, fixed, space.max_channels)


def _rectified(move: Move) -> bool:
    """Whether the blocks of a move end in a relu.

    Raises:
        NoTablesError: some do, others do not.
    """
    ends = {name: ends_in_relu(name) for name in move.names}
    if len(set(ends.values())) > 1:
        one, other = (next(name for name, ends_so in ends.items() if ends_so is kind) for kind in (True, False))
        raise NoTablesError(f"{one} ends in a relu and {other} of the same place does not", key="space")
    return next(iter(ends.values()))


def _repeat(move: Move, place: Place) -> Move:
    return Move(move.names, 1, place, move.layers, True, None, move.largest, move.stage)


def _splits(move: Move, layers: int) -> bool:
    return _split_from(move) <= layers


def _split_from(move: Move) -> int:
    return families[move.names[0]].split_from
