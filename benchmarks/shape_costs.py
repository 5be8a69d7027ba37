"""What a shape costs in Zen-score under 600M FLOPs and 14 layers at 224 px: the table of docs/shapes.md, and 30 layers.

    python benchmarks/shape_costs.py                all rows
    python benchmarks/shape_costs.py --tries 10000  shorter climbs to rising widths

Least layers of each stage are solved exactly: a start with two blocks in each stage leaves the optimiser no network with fewer
layers there, and every network with two or more is among those that it solves. Rising widths are not additive over blocks:
those rows are the best of several climbs by small random changes from the optimum without them, so they are lower bounds.
"""

import argparse
import re
from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from common import header, row
from zen_lightning.arch import Architecture
from zen_lightning.budget import Budget, FlopsLimit, LayersLimit, Limit
from zen_lightning.budget.shape import LayersEachStage, RisingWidths, Shape
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.search.exact.request import request_of
from zen_lightning.search.exact.solve import solve
from zen_lightning.search.run import SearchSetup
from zen_lightning.space import search_space

RESOLUTION, CLASSES, FLOPS, LAYERS = 224, 1000, 600_000_000, 14
STAGES = ((8, 32), (32, 48), (48, 96), (96, 128))
"""In and out channels of the stages of the start of the preset; widths do not matter to the optimiser."""

CLIMBS = 3


def start(blocks: int) -> Architecture:
    """Return the start of the preset with so many blocks in each stage."""
    text = "SuperConvK3BNRELU(3,8,2,1)"
    for inside, outside in STAGES:
        text += f"SuperResIDWE6K3({inside},{outside},2,{inside},1)"
        text += f"SuperResIDWE6K3({outside},{outside},1,{outside},1)" * (blocks - 1)
    return Architecture.parse(f"{text}SuperConvK1BNRELU(128,2048,1,1)")


def limits(layers: int, *shapes: Shape) -> Budget:
    found: list[Limit] = [LayersLimit(layers), FlopsLimit(FLOPS, RESOLUTION, CLASSES)]
    return Budget(found, list(shapes))


def optimum(blocks: int, layers: int = LAYERS) -> tuple[Architecture, float]:
    """Return the best network with at least so many layers in each stage, and an upper bound on all of them."""
    setup = SearchSetup(search_space("mobilenet"), ZenClosedForm(RESOLUTION), limits(layers), start(blocks))
    request = request_of(setup, RESOLUTION)
    solution = solve(request.chain, request.costs, request.score, structures=1)
    return solution.networks[0].architecture, solution.bound


class Block(NamedTuple):
    """An inverted residual block whose bottleneck has its width, as all have in the optima."""

    expansion: int
    width: int
    layers: int
    stride: int


def written(blocks: Sequence[Block]) -> Architecture:
    """Return a network of such blocks between the first and the last convolution of the preset, kernels of 7 throughout."""
    text, inside = "SuperConvK3BNRELU(3,8,2,1)", 8
    for one in blocks:
        text += f"SuperResIDWE{one.expansion}K7({inside},{one.width},{one.stride},{one.width},{one.layers})"
        inside = one.width
    return Architecture.parse(f"{text}SuperConvK1BNRELU({inside},2048,1,1)")


def read(network: Architecture) -> list[Block]:
    """Return the blocks between the first and the last convolution."""
    found = re.findall(r"SuperResIDWE(\d)K7\(\d+,(\d+),(\d),\d+,(\d+)\)", str(network))
    return [Block(int(expansion), int(width), int(layers), int(stride)) for expansion, width, stride, layers in found]


def climbed(network: Architecture, budget: Budget, tries: int, seed: int) -> Architecture:
    """Return what small random changes lead to, each kept where the network fits and the score does not fall.

    A network that is over the budget or without the shape loses width everywhere first, and its widths are sorted.
    """
    rng, proxy = Random(seed), ZenClosedForm(RESOLUTION)
    blocks, widths = read(network), sorted(one.width for one in read(network))
    while True:
        blocks = [one._replace(width=width) for one, width in zip(blocks, widths, strict=True)]
        if budget.violated(written(blocks)) is None:
            break
        widths = [max(8, width - 8) for width in widths]
    best = proxy.score(written(blocks)).value
    for _ in range(tries):
        changed = list(blocks)
        for _ in range(rng.choice((1, 2, 2, 3))):
            _change(changed, rng)
        if any(one.width < 8 or one.layers < 1 for one in changed):
            continue
        candidate = written(changed)
        if budget.violated(candidate) is None and (score := proxy.score(candidate).value) >= best:
            blocks, best = changed, score
    return written(blocks)


def _change(blocks: list[Block], rng: Random) -> None:
    """Change a width, an expansion, or where a layer stands; split a block, or join it with the next of its stage."""
    place, kind = rng.randrange(len(blocks)), rng.randrange(10)
    one, other = blocks[place], rng.randrange(len(blocks))
    if kind < 5:
        blocks[place] = one._replace(width=one.width + 8 * rng.choice((-3, -2, -1, 1, 2, 3)))
    elif kind < 7:
        blocks[place] = one._replace(expansion=rng.choice((1, 2, 4, 6)))
    elif kind == 7:
        blocks[place] = one._replace(layers=one.layers - 1)
        blocks[other] = blocks[other]._replace(layers=blocks[other].layers + 1)
    elif kind == 8 and one.layers > 1:
        first = rng.randrange(1, one.layers)
        blocks[place : place + 1] = [one._replace(layers=first), one._replace(layers=one.layers - first, stride=1)]
    elif kind == 9 and place + 1 < len(blocks) and blocks[place + 1].stride == 1:
        blocks[place : place + 2] = [one._replace(layers=one.layers + blocks[place + 1].layers)]


def told(what: str, network: Architecture, shapes: list[Shape], layers: int, stated: float, bound: float | None = None) -> None:
    """Check a network, and print its score, how it is known, and whether it is the one that docs/shapes.md states."""
    assert limits(layers, *shapes).violated(network) is None
    score = ZenClosedForm(RESOLUTION).score(network).value
    how = "best found" if bound is None else f"optimum, bound {bound:.4f}"
    row(what, f"{score:.2f}, {how}", f"{stated:.2f} in docs/shapes.md", abs(score - stated) <= 0.005)
    print(f"  {network}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tries", type=int, default=60_000, help="changes of each climb")
    tries = parser.parse_args().tries
    header()
    two, three = LayersEachStage(2, None, RESOLUTION), LayersEachStage(3, None, RESOLUTION)
    rising = RisingWidths()
    free, bound = optimum(1)
    told("nothing", free, [], LAYERS, 100.23, bound)
    pairs, bound = optimum(2)
    told("at least 2 layers in each stage", pairs, [two], LAYERS, 92.58, bound)
    network, bound = optimum(3)
    told("at least 3 layers in each stage", network, [three], LAYERS, 84.74, bound)
    network, bound = optimum(1, 30)
    told("nothing, 30 layers", network, [], 30, 208.09, bound)
    for what, begin, shapes, stated in (
        ("widths that never fall", free, [rising], 100.14),
        ("rising widths and at least 2 layers in each stage", pairs, [rising, two], 92.67),
    ):
        found = [climbed(begin, limits(LAYERS, *shapes), tries, seed) for seed in range(CLIMBS)]
        score = ZenClosedForm(RESOLUTION).score
        told(what, max(found, key=lambda one: score(one).value), shapes, LAYERS, stated)


if __name__ == "__main__":
    main()
