"""``search.optimizer=exact`` with shapes, under a limit on memory, and by another score: optimum, bound and CPU time.

    python benchmarks/exact_shapes.py              all cases
    python benchmarks/exact_shapes.py rising       some of them

All are under 600M FLOPs and 14 layers at 224 px in the space mobilenet, except mbconv: under 400M in the space mbconv.
"""

import argparse
import time
from dataclasses import replace

from common import header, row
from exact_optimum import setup_of
from zen_lightning.budget import (
    ActivationsLimit,
    Budget,
    Effectiveness,
    LargestShare,
    LayersEachStage,
    Limit,
    RisingWidths,
    Shape,
)
from zen_lightning.proxy.base import Proxy
from zen_lightning.proxy.entropy import MultiScaleEntropy
from zen_lightning.search.exact.request import request_of
from zen_lightning.search.exact.solve import solve
from zen_lightning.space import search_space

CASES: dict[str, tuple[list[Shape], list[Limit], Proxy | None]] = {
    "rising": ([RisingWidths()], [], None),
    "two": ([LayersEachStage(2, None, 224)], [], None),
    "three": ([LayersEachStage(3, None, 224)], [], None),
    "rising-two": ([RisingWidths(), LayersEachStage(2, None, 224)], [], None),
    "effectiveness": ([Effectiveness(0.5)], [], None),
    "share": ([LargestShare(0.4, 224)], [], None),
    "activations": ([], [ActivationsLimit(800_000, 224, 1000)], None),
    "entropy": ([], [], MultiScaleEntropy(224)),
    "mbconv": ([], [], None),
}
"""Shapes, further limits, and another score than the Zen-score, by name."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", nargs="*", default=list(CASES))
    header()
    for name in parser.parse_args().cases:
        shapes, limits, proxy = CASES[name]
        setup, resolution = setup_of("flops400M" if name == "mbconv" else "flops600M")
        if name == "mbconv":
            space = search_space("mbconv")
            setup = replace(setup, space=space, start=space.parse(space.start))
        setup = replace(setup, budget=Budget([*setup.budget.limits, *limits], shapes), proxy=proxy or setup.proxy)
        began = time.process_time()
        request = request_of(setup, resolution)
        solution = solve(request.chain, request.costs, request.score)
        seconds = time.process_time() - began
        best = solution.networks[0].architecture
        assert setup.budget.violated(best) is None
        score = setup.proxy.score(best).value
        said = f"{score:.4f}, by prices alone {solution.dual_bound:.4f}, {seconds:.1f} s of CPU"
        row(f"{name}: gap {solution.bound - score:.1e}", said, "at most 0.1", solution.bound - score <= 0.1)
        print(f"  {best}", flush=True)


if __name__ == "__main__":
    main()
