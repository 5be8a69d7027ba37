"""What is left of a problem: all that networks above a threshold consist of, and less than before."""

import numpy as np
import pytest

from brute_force import RESNET, narrowed, networks, small
from zen_lightning.arch import SuperBlock
from zen_lightning.budget import LayersLimit
from zen_lightning.latency.predicted_limit import PredictedLatencyLimit
from zen_lightning.latency.predictor import LatencyPredictor
from zen_lightning.latency.profile import find_profile
from zen_lightning.search.exact.bound import Program
from zen_lightning.search.exact.cells import excess_cells
from zen_lightning.search.exact.prices import lowest
from zen_lightning.search.exact.problem import Problem, problem_of
from zen_lightning.search.exact.pruning import prune
from zen_lightning.search.exact.widths import multiples_up_to

WIDTHS = (8, 16, 24)


@pytest.mark.parametrize("near", [0.0, 0.5])
def test_widths_and_blocks_of_good_networks_are_left(near: float) -> None:
    limit = PredictedLatencyLimit(1.0, LatencyPredictor(find_profile("v100-tensorrt-fp16")), 32, 10)
    setup = small("resnet", RESNET, [LayersLimit(4), limit])
    request = narrowed(setup, ("SuperResK3K3", "SuperResK1K5K1"))
    every = list(networks(request.chain, WIDTHS))
    times = {net: limit.measure(net) for net in every}
    limit.maximum = sorted(times.values())[len(times) // 3]
    request = narrowed(setup, ("SuperResK3K3", "SuperResK1K5K1"))
    scores = {net: setup.proxy.score(net).value for net in every if times[net] <= limit.maximum}
    threshold = max(scores.values()) - near
    widths = multiples_up_to(max(WIDTHS), request.chain.fixed_widths)
    numbers = widths.numbers(WIDTHS)
    problem = problem_of(request.chain, widths, request.costs, request.score, numbers, numbers)
    program = Program(problem, [excess_cells(4)] * problem.steps)
    prices = lowest(lambda at: program.solve(at).value, np.array([10 / request.costs[0].maximum]), 100.0, 0.01)[0]
    bound = program.solve(prices)
    pruned = prune(program, bound, threshold)
    left = pruned.left_of(program, problem, threshold)
    assert left.size < problem.size
    allowed = {slot: options.inputs for slot, options in left.options.items() if options.inputs is not None}
    assert len(allowed) >= 3
    assert any(not inputs[:, problem.rows(step if extra else step - 1)].all() for (step, extra), inputs in allowed.items())
    again = Program(left, [excess_cells(4)] * left.steps)
    assert max(scores.values()) <= again.solve(prices).value + 1e-9
    assert again.solve(prices).value <= bound.value + 1e-9
    for net in (net for net, score in scores.items() if score >= threshold):
        step, is_extra = -1, False
        for block in net.blocks:
            # A block that stays at the resolution after a residual one may be an extra one of the same step.
            step, is_extra = _next(left, step, block)
            options = left.options[step, is_extra]
            bottleneck = getattr(block, "bottleneck_channels", None)
            found = [
                shape
                for shape in range(len(options.out))
                if widths.channels[options.out[shape]] == block.out_channels
                and options.move.names[options.name[shape]] == block.name
                and (bottleneck is None or widths.channels[options.bottleneck[shape]] == bottleneck)
            ]
            assert len(found) == 1
            if options.inputs is not None and not options.move.place.reads_image:
                assert options.inputs[found[0], widths.numbers([block.in_channels])[0]]


def _next(problem: Problem, step: int, block: SuperBlock) -> tuple[int, bool]:
    if (step, True) in problem.options and block.stride == 1 and "Res" in block.name:
        return step, True
    return step + 1, False
