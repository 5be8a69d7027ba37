"""Narrower and shallower networks of the same shape: where a search begins when its usual start is over the budget."""

from collections.abc import Callable, Iterator

from zen_lightning.arch import Architecture, SuperBlock
from zen_lightning.arch.block import make_block
from zen_lightning.arch.super_res import round_to_8

# A choice: steps of about a fifth near the start, where a little is enough, and coarser ones further down.
_FACTORS = (0.8, 0.65, 0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.05, 0.001)
_WIDTHS = ("out_channels", "bottleneck_channels")


def narrower(architecture: Architecture, is_fixed: Callable[[SuperBlock], bool]) -> Iterator[Architecture]:
    """Yield the architecture with ever smaller widths, multiples of 8, down to 8 channels everywhere.

    Args:
        architecture: the architecture; its shape is kept.
        is_fixed: whether a super-block keeps the width that leaves it.

    Example:
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,32,2,1)SuperResK3K3(32,64,2,32,1)")
        >>> [str(one) for one in narrower(arch, lambda block: False)][-1]
        'SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,8,2,8,1)'
    """
    before = architecture
    for factor in _FACTORS:
        now = _scaled(architecture, factor, is_fixed)
        if now != before:
            yield now
        before = now


def shallower(architecture: Architecture, is_fixed: Callable[[SuperBlock], bool]) -> Iterator[Architecture]:
    """Yield the architecture with ever fewer sub-layers, one less at a time, always of the deepest super-block.

    Args:
        architecture: the architecture; its widths are kept.
        is_fixed: whether a super-block keeps its sub-layers.

    Example:
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,32,2,1)SuperResK3K3(32,64,2,32,3)SuperResK3K3(64,64,1,32,2)")
        >>> [one.num_layers for one in shallower(arch, lambda block: False)]
        [5, 4, 3]
    """
    blocks = list(architecture.blocks)
    while True:
        depths = [0 if is_fixed(block) else block.sub_layers for block in blocks]
        deepest = max(range(len(blocks)), key=lambda index: (depths[index], index))
        if depths[deepest] <= 1:
            return
        blocks[deepest] = blocks[deepest].replace(sub_layers=depths[deepest] - 1)
        yield Architecture(tuple(blocks))


def _scaled(architecture: Architecture, factor: float, is_fixed: Callable[[SuperBlock], bool]) -> Architecture:
    blocks: list[SuperBlock] = []
    channels = architecture.blocks[0].in_channels
    for block in architecture.blocks:
        integers = dict(zip(block.arguments, block.args, strict=True))
        if not is_fixed(block):
            # Not wider than it is: a width below 8, which a structure may have, stays.
            scaled = {name: min(integers[name], round_to_8(factor * integers[name])) for name in _WIDTHS if name in integers}
            integers.update(scaled)
        blocks.append(make_block(block.name, *{**integers, "in_channels": channels}.values()))
        channels = integers["out_channels"]
    return Architecture(tuple(blocks))
