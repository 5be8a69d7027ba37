"""Every network of a small chain, one by one, and the optimum against them."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from zen_lightning.arch import Architecture, SuperBlock
from zen_lightning.arch.block import make_block
from zen_lightning.budget import Budget, Limit, Shape
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import CannotScoreError, Proxy
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.search.exact.chain import Chain, Move
from zen_lightning.search.exact.request import Request, request_of
from zen_lightning.search.exact.solve import solve
from zen_lightning.search.run import SearchSetup
from zen_lightning.space import SearchSpace, search_space

Share = float
RESNET = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,8,1)SuperConvK1BNRELU(16,16,1,1)"
MOBILENET = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE1K3(8,16,2,8,1)SuperConvK1BNRELU(16,32,1,1)"
MBCONV = "SuperConvK3BNRELU(3,8,2,1)MBConvE1K3(8,16,2,1)MBConvE1K3(16,16,2,1)SuperConvK1BNRELU(16,32,1,1)"
TWO_STAGES = "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE1K3(8,16,2,8,1)SuperResIDWE1K3(16,8,2,8,1)SuperConvK1BNRELU(8,32,1,1)"


def small(
    space: str | SearchSpace[Any],
    start: str,
    limits: list[Limit],
    reading: str = "running",
    shapes: Sequence[Shape] = (),
    proxy: Proxy | None = None,
) -> SearchSetup:
    score = ZenClosedForm(32, reading) if proxy is None else proxy
    return SearchSetup(
        search_space(space) if isinstance(space, str) else space, score, Budget(limits, shapes), Architecture.parse(start)
    )


def narrowed(setup: SearchSetup, names: tuple[str, ...]) -> Request:
    """Return what is to be solved with few names of blocks."""
    request = request_of(setup, 32)
    thin = [move and replace(move, names=names) for move in request.chain.extra]
    steps = [replace(move, names=names) if move.residual else move for move in request.chain.steps]
    return request._replace(chain=replace(request.chain, steps=tuple(steps), extra=tuple(thin)))


def compare(
    setup: SearchSetup, names: tuple[str, ...], shares: dict[type[Limit], Share], widest: int = 16
) -> list[Architecture]:
    """Solve under limits that a share of all networks keep to, compare with every network, and return those within the budget.

    Args:
        setup: with limits of any size.
        names: of the residual blocks.
        shares: for each kind of limit; 0 leaves the cheapest alone.
        widest: of the widths.
    """
    every = list(networks(narrowed(setup, names).chain, tuple(range(8, widest + 1, 8))))
    for limit in setup.budget.limits:
        if type(limit) in shares:
            ordered = sorted(limit.measure(net) for net in every)
            limit.maximum = ordered[int(shares[type(limit)] * (len(ordered) - 1))]
    budget = Budget(setup.budget.limits, setup.budget.shapes)
    fitting = [net for net in every if budget.violated(net) is None]
    scores = [score for net in fitting if (score := scored(setup.proxy, net)) is not None]
    request = narrowed(replace(setup, budget=budget), names)
    if not scores:
        with pytest.raises(UserError, match="no network of the space keeps to the budget"):
            solve(request.chain, request.costs, request.score, widest=widest)
        return []
    solution = solve(request.chain, request.costs, request.score, widest=widest)
    found = solution.networks[0]
    assert budget.violated(found.architecture) is None
    assert setup.proxy.score(found.architecture).value == pytest.approx(max(scores), abs=1e-8)
    # Tables of large scores are divided by a scale, and so is what is added for rounding.
    rounding = 1e-5 + 1e-7 * abs(max(scores))
    assert max(scores) <= solution.bound <= max(scores) + rounding
    assert solution.dual_bound >= max(scores) - 1e-9
    return fitting


def none_is_better(setup: SearchSetup, tries: int) -> None:
    """Solve, and check that no network of a random walk within the budget lies above the bound."""
    request = request_of(setup, 32)
    solution = solve(request.chain, request.costs, request.score)
    assert setup.budget.violated(solution.networks[0].architecture) is None
    rng, parent, tried = Random(5), setup.start, 0
    for _ in range(tries):
        child = setup.space.mutate(parent, rng, 2).split()
        if setup.budget.violated(child) is None:
            parent, tried = child, tried + 1
            score = scored(setup.proxy, child)
            assert score is None or score <= solution.bound
    assert tried > 1_000


def scored(proxy: Proxy, network: Architecture) -> float | None:
    """Return the score of a network; None where it has none."""
    try:
        return proxy.score(network).value
    except CannotScoreError:
        return None


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
        for bottleneck in widths if move.has_bottleneck else (0,):
            args = (arrives, out, move.stride, bottleneck, count) if move.has_bottleneck else (arrives, out, move.stride, count)
            block = make_block(name, *args)
            for rest in _after(chain, widths, step, out, left - count, residual):
                yield (block, *rest)
