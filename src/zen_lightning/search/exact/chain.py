"""A search space as a chain of moves: the blocks that may follow each other, and their resolutions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from zen_lightning.arch import Architecture, BaseArchitecture, SuperBlock
from zen_lightning.arch.block import families
from zen_lightning.arch.counting import count_block
from zen_lightning.arch.plain.block import is_primitive
from zen_lightning.arch.super_conv import SuperConv
from zen_lightning.arch.super_res import SuperRes
from zen_lightning.errors import UserError
from zen_lightning.search.exact.rows import is_stated
from zen_lightning.search.exact.score import Place
from zen_lightning.space import SearchSpace
from zen_lightning.space.super_blocks import SuperBlockSpace


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
        residual: whether they have a bottleneck.
        fixed: out channels and sub-layers, if the space fixes them; None otherwise.
        largest: the largest out or bottleneck channels; None if only the budget limits them.
    """

    names: tuple[str, ...]
    stride: int
    place: Place
    layers: int
    residual: bool
    fixed: tuple[int, int] | None
    largest: int | None


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
    """

    steps: tuple[Move, ...]
    extra: tuple[Move | None, ...]
    layers: int
    blocks: int
    image_channels: int = 3

    @property
    def fixed_widths(self) -> tuple[int, ...]:
        """Out channels that the space fixes."""
        return tuple(move.fixed[0] for move in self.steps if move.fixed is not None)

    @property
    def fixed_names(self) -> tuple[str, ...]:
        """Names of the blocks that never change."""
        return tuple(name for move in self.steps if move.fixed is not None for name in move.names)


def chain_of(space: SearchSpace[Any], start: BaseArchitecture, layers: int | None, resolution: int) -> Chain:
    """Return the networks that a search from ``start`` can reach.

    Args:
        space: a space of super-blocks.
        start: start of the search; it may exceed the budget.
        layers: the limit on layers.
        resolution: height and width of the images.

    Raises:
        NoTablesError: the space states no tables.
        UserError: there is no limit on layers.
    """
    if not isinstance(space, SuperBlockSpace) or not isinstance(start, Architecture):
        name = getattr(space, "name", type(space).__name__)
        raise NoTablesError(f"the search space {name!r} states no tables of its blocks", key="space")
    if layers is None:
        what = "the exact optimiser needs a limit on layers, as without one more layers always raise the score"
        raise UserError(what, key="layers", remedy="set {layers}")
    steps: list[Move] = []
    extra: list[Move | None] = []
    stage, size = 0, resolution
    for number, block in enumerate(start.blocks):
        leaves = count_block(block, size).resolution
        stage += number > 0 and leaves != size
        move = _move(space, block, Place(size, number == 0, stage))
        steps.append(move)
        size = leaves
        repeats = move.residual
        extra.append(_repeat(move, Place(size, False, stage)) if repeats else None)
    convs = sum(1 for move in steps if not move.residual)
    residual = len(steps) - convs
    splits = layers - convs - min((_split_from(move) for move in steps if move.residual), default=0) + 2
    return Chain(tuple(steps), tuple(extra), layers, max(residual, splits) if residual else 0, start.blocks[0].in_channels)


def _move(space: SuperBlockSpace, block: SuperBlock, place: Place) -> Move:
    names: Sequence[str]
    if isinstance(block, SuperRes):
        names, fixed, layers = space.residual_names, None, block.split_from - 1
    elif isinstance(block, SuperConv):
        is_fixed = space.is_fixed(block)
        names, fixed = (block.name,), (block.out_channels, block.sub_layers) if is_fixed else None
        layers = block.sub_layers if is_fixed else 1
    elif is_primitive(block):
        raise NoTablesError(
            f"the exact optimiser knows no tables of {block.text}", key="start", remedy="write it in super-blocks"
        )
    else:
        names, fixed, layers = (block.name,), None, 1
    for name in names:
        if not is_stated(name):
            raise NoTablesError(f"the super-block {name} states no tables")
    return Move(tuple(names), block.stride, place, layers, isinstance(block, SuperRes), fixed, space.max_channels)


def _repeat(move: Move, place: Place) -> Move:
    return Move(move.names, 1, place, move.layers, True, None, move.largest)


def _split_from(move: Move) -> int:
    return families[move.names[0]].split_from
