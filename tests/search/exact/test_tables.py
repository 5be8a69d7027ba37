"""The tables of many blocks at once against the blocks themselves, one by one."""

from random import Random

import numpy as np
import pytest

from zen_lightning.arch import Architecture
from zen_lightning.arch.block import make_block
from zen_lightning.arch.counting import count_block
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.closed_form import _walk as walk
from zen_lightning.proxy.stages import passage
from zen_lightning.proxy.zen_calibrated import ZenCalibrated
from zen_lightning.search.exact.blocks import options_of
from zen_lightning.search.exact.calibrated import CalibratedTables
from zen_lightning.search.exact.chain import Move
from zen_lightning.search.exact.costs import Cost
from zen_lightning.search.exact.means.blocks import totals_of
from zen_lightning.search.exact.request import request_of
from zen_lightning.search.exact.score import Place
from zen_lightning.search.exact.widths import multiples_up_to
from zen_lightning.search.exact.zen import ZenTables
from zen_lightning.search.run import SearchSetup
from zen_lightning.space import MBConvSpace, MobileNetSpace, ResNetSpace

COSTS = (Cost("params", 10**12, 10, 0), Cost("flops", 10**15, 10, 0))


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [7, 32, 56])
@pytest.mark.parametrize("names", [ResNetSpace.residual_names, MobileNetSpace.residual_names], ids=["resnet", "mobilenet"])
def test_counts_and_gains_are_those_of_the_blocks(names: tuple[str, ...], size: int, stride: int) -> None:
    widths = multiples_up_to(96, also=[20])
    score = ZenTables(ZenClosedForm(64))
    move = Move(names, stride, Place(size, False), 5, True, None, None)
    some = np.array([0, 2, 3, 6])
    options = options_of(move, widths, COSTS, score, some, some)
    assert len(options) == len(names) * 16 * 5
    levels = np.array([0, 3, 40, 700])
    scores = options.scores(score, widths, levels)
    firsts = options.firsts.gains(score, np.array([8, 40]), levels)
    rng = Random(1)
    for _ in range(60):
        which = rng.randrange(len(options))
        base = options.base[which]
        name = names[options.name[base]]
        out, bottleneck = (int(widths.channels[kind[base]]) for kind in (options.out, options.bottleneck))
        for row, arrives in enumerate((8, 40)):
            block = make_block(name, arrives, out, stride, bottleneck, int(options.layers[which]))
            count = count_block(block, size)
            assert options.slope[base][0] * arrives + options.rest[which][0] == count.params
            assert options.slope[base][1] * arrives + options.rest[which][1] == count.flops
            for column, level in enumerate(levels.tolist()):
                step = walk(block, size, level)
                gain = firsts[options.first[base], row, column] + scores[which, column]
                assert gain == pytest.approx(step[1], abs=1e-8)
                assert (options.grows[which], options.adds[which]) == pytest.approx(step[2:4], rel=1e-12)


def test_batch_reading_is_another() -> None:
    widths = multiples_up_to(16)
    score = ZenTables(ZenClosedForm(32, bn_variance="batch"))
    move = Move(("SuperResK3K3",), 1, Place(32, False), 5, True, None, None)
    options = options_of(move, widths, (), score, np.array([1]), np.array([0]))
    gain = options.scores(score, widths, np.array([5])) + options.firsts.gains(score, np.array([8]), np.array([5]))[0]
    step = walk(make_block("SuperResK3K3", 8, 16, 1, 8, 2), 32, 5)
    assert gain[options.layers == 2][0, 0] == pytest.approx(step[0], abs=1e-9)


def test_what_exceeds_a_limit_whatever_arrives_is_left_out() -> None:
    widths = multiples_up_to(64)
    move = Move(("SuperResK3K3",), 1, Place(32, False), 5, True, None, None)
    every = np.arange(8)
    options = options_of(move, widths, (Cost("params", 20_000, 10, 0),), ZenTables(ZenClosedForm(32)), every, every)
    for base, layers in zip(options.base, options.layers, strict=True):
        out, middle = int(widths.channels[options.out[base]]), int(widths.channels[options.bottleneck[base]])
        params = Architecture((make_block("SuperResK3K3", 8, out, 1, middle, int(layers)),)).num_params(1)
        assert params - out - 1 <= 20_000
    assert len(options) < 8 * 8 * 5


def test_what_a_larger_excess_can_lose_at_the_end() -> None:
    excess = np.exp(np.linspace(-9, 9, 200_000))
    half_log = ZenTables(ZenClosedForm(32)).end(np.array([1]), excess)[0]
    slope = -np.diff(half_log) / np.diff(np.log(excess))
    assert 0.0305 < slope.max() < ZenTables.slope_of_excess


def test_what_a_smaller_gap_can_lose_at_the_end() -> None:
    score = ZenTables(ZenClosedForm(32))
    for name in ("SuperResK7K7", "SuperResK1K3K1", "SuperResIDWE1K7", "SuperConvK1BNRELU"):
        for size in (1, 4, 56):
            gaps = np.exp(np.linspace(np.log(1e-7), 0, 200))
            after = [score.gap_after(name, 1, 1, Place(size, False), gap) for gap in gaps]
            slope = np.diff(np.log(after)) / np.diff(np.log(gaps))
            assert slope.max() <= 1 + 1e-6
            assert slope.min() >= 0
            assert max(after) <= 1


@pytest.mark.parametrize("names", [ResNetSpace.residual_names, MobileNetSpace.residual_names, MBConvSpace.residual_names])
@pytest.mark.parametrize("stride", [1, 2])
def test_weighted_gains_and_counts_are_those_of_the_blocks(names: tuple[str, ...], stride: int, setup: SearchSetup) -> None:
    widths = multiples_up_to(48)
    tables = CalibratedTables(ZenCalibrated(32, "imagenet"), request_of(setup, 32).chain)
    some = np.array([0, 2, 3])
    linear = names[0].startswith("MBConv")
    move = Move(names, stride, Place(14, False, 0, not linear), 4, True, None, None)
    options = options_of(move, widths, COSTS, tables, some, some, arriving=some)
    scores = options.scores(tables, widths, np.zeros(1, np.int64))[:, 0]
    totals = totals_of(options, tables, widths)
    rng = Random(2)
    for _ in range(200):
        which = rng.randrange(len(options))
        base = options.base[which]
        name, layers = names[options.name[base]], int(options.layers[which])
        out, second = (int(widths.channels[kind[base]]) for kind in (options.out, options.bottleneck))
        arrives = second if linear else 40
        args = (arrives, out, stride, layers) if linear else (arrives, out, stride, second, layers)
        stage = passage(make_block(name, *args), 14, not linear).stages[0]
        first = options.firsts.gains(tables, np.array([arrives]), np.zeros(1, np.int64))[options.first[base], 0, 0]
        assert totals[which].tolist() == [layers, stage.layers, stage.gates, stage.weight]
        assert first + scores[which] == pytest.approx(stage.gain, abs=1e-9)
