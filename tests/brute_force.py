"""Every network of a small chain, one by one."""

import itertools
from collections.abc import Iterator

from zen_lightning.arch import Architecture, SuperBlock
from zen_lightning.arch.block import make_block
from zen_lightning.search.exact.chain import Chain, Move


def networks(chain: Chain, widths: tuple[int, ...]) -> Iterator[Architecture]:
    """Yield every network of a chain whose widths are of a list."""
    yield from (Architecture(blocks) for blocks in _after(chain, widths, -1, chain.image_channels, chain.layers, 0))


def _after(
    chain: Chain, widths: tuple[int, ...], step: int, arrives: int, left: int, residual: int
) -> Iterator[tuple[SuperBlock, ...]]:
    if step >= 0 and (extra := chain.extra[step]) is not None:
        yield from _with(chain, widths, extra, step, arrives, left, residual)
    if step + 1 == len(chain.steps):
        yield ()
        return
    yield from _with(chain, widths, chain.steps[step + 1], step + 1, arrives, left, residual)


def _with(
    chain: Chain, widths: tuple[int, ...], move: Move, step: int, arrives: int, left: int, residual: int
) -> Iterator[tuple[SuperBlock, ...]]:
    residual += move.residual
    if residual > chain.blocks:
        return
    layers = [move.fixed[1]] if move.fixed else range(1, move.layers + 1)
    for name, out, count in itertools.product(move.names, [move.fixed[0]] if move.fixed else widths, layers):
        if count > left:
            continue
        for bottleneck in widths if move.residual else (0,):
            args = (arrives, out, move.stride, bottleneck, count) if move.residual else (arrives, out, move.stride, count)
            block = make_block(name, *args)
            for rest in _after(chain, widths, step, out, left - count, residual):
                yield (block, *rest)
