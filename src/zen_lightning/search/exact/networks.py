"""Building architectures from blocks of a problem."""

from collections.abc import Sequence

from zen_lightning.arch import Architecture
from zen_lightning.arch.block import make_block
from zen_lightning.search.exact.problem import Problem, Slot

Block = tuple[Slot, int]
"""A block of a network: its slot, and its number among the options of the slot."""


def built(problem: Problem, network: Sequence[Block]) -> Architecture:
    """Return the architecture of some blocks in a row.

    Args:
        problem: the problem of the blocks.
        network: slot and number of each block.
    """
    channels, blocks = problem.chain.image_channels, []
    for slot, number in network:
        options = problem.options[slot]
        base = options.base[number]
        out = int(problem.widths.channels[options.out[base]])
        args = [channels, out, options.move.stride]
        if options.move.has_bottleneck:
            args.append(int(problem.widths.channels[options.bottleneck[base]]))
        blocks.append(make_block(options.move.names[options.name[base]], *args, int(options.layers[number])))
        channels = out
    return Architecture(tuple(blocks))


def structure_key(problem: Problem, network: Sequence[Block]) -> tuple[tuple[str, int], ...]:
    """Return the names and sub-layers of the blocks, which are the same in networks that differ only in widths."""
    key = []
    for slot, number in network:
        options = problem.options[slot]
        key.append((options.move.names[options.name[options.base[number]]], int(options.layers[number])))
    return tuple(key)
