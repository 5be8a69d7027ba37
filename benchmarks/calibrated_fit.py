"""The fit of the calibrated score: ingredients of a network, least squares, the choice of its two constants."""

from collections.abc import Sequence

import numpy as np

from calibrated_data import Array, DataSet
from calibrated_figures import kendall_within, without
from zen_lightning.proxy.calibration import DEPTH_RATIO, depth_worth
from zen_lightning.proxy.layers import layers_of, width_gain
from zen_lightning.proxy.stages import BRIDGE, stages_of

STAGES = 5

CANDIDATES = (
    *((bridge, 0.7) for bridge in (1.0, 2.0, 3.0, 5.0, 8.0)),
    *((3.0, ratio) for ratio in (0.5, 0.6, 0.8, 0.85, 0.9, 0.99)),
)
"""Values of the two constants among which the part for choices decides."""


def ingredients(data: DataSet, bridge: float = BRIDGE, ratio: float = DEPTH_RATIO) -> tuple[Array, Array, Array]:
    """Return mean gain, worth of depth and share of gates of each stage, each of shape (networks, stages).

    Args:
        data: networks of five stages.
        bridge: weight of layers without identity shortcut.
        ratio: of the worth of a further layer.
    """
    out: list[list[list[float]]] = [[], [], []]
    for net in data.networks:
        gains: dict[int, list[tuple[float, float, bool]]] = {}
        size, rectified = data.resolution, False
        for block in net.blocks:
            for layer in layers_of(block, size, rectified):
                weight = 1.0 if layer.has_identity else bridge
                gains.setdefault(layer.resolution, []).append((weight, layer.gain, layer.has_gate))
                size, rectified = layer.resolution, layer.rectified
        stages = list(gains.values())
        counts = [len(stage) for stage in stages]
        gates = [sum(gate for _, _, gate in stage) / len(stage) for stage in stages]
        stages[-1] = [*stages[-1], (bridge, width_gain(net.out_channels, rectified), False)]
        out[0].append([sum(w * g for w, g, _ in stage) / sum(w for w, _, _ in stage) for stage in stages])
        out[1].append([(1 - ratio**count) / (1 - ratio) for count in counts])
        out[2].append(gates)
    width, depth, gate = (np.array(rows) for rows in out)
    return width, depth, gate


def fit_large(data: DataSet, bridge: float = BRIDGE, ratio: float = DEPTH_RATIO) -> tuple[Array, Array, Array, float]:
    """Return the weights of width, depth and gates of each stage, and the constant, by least squares on top-1."""
    width, depth, gate = ingredients(data, bridge, ratio)
    columns = np.column_stack([width, depth, gate, np.ones(len(width))])
    found = np.linalg.lstsq(columns, data.accuracy["top-1"], rcond=None)[0]
    return found[:STAGES], found[STAGES : 2 * STAGES], found[2 * STAGES : -1], float(found[-1])


def fit_curve(score: Array, top1: Array) -> tuple[float, float, float]:
    """Return (ceiling, a, b) of top-1 = ceiling - exp(a - b score): least squares of the logarithm, best of many ceilings."""
    found = []
    for ceiling in np.arange(np.ceil(top1.max()), 90.0, 0.5):
        slope, start = np.polyfit(score, np.log(ceiling - top1), 1)
        error = float(np.std(top1 - ceiling + np.exp(start + slope * score)))
        found.append((error, (float(ceiling), round(float(start), 4), round(float(-slope), 5))))
    return min(found)[1]


def choose(fit: DataSet, held: DataSet, se: Array) -> list[tuple[float, float, float, float]]:
    """Return (bridge, ratio, Kendall at equal FLOPs, error) on the part for choices, of fits on the other."""
    truth = without(held.accuracy["top-1"], [se])
    found = []
    for bridge, ratio in CANDIDATES:
        weights = fit_large(fit, bridge, ratio)
        parts = ingredients(held, bridge, ratio)
        score = parts[0] @ weights[0] + parts[1] @ weights[1]
        error = float(np.std(held.accuracy["top-1"] - score - parts[2] @ weights[2]))
        found.append((bridge, ratio, kendall_within(score, truth, held.flops, held.tolerance, 0).value, error))
    return found


def plain_ingredients(data: DataSet) -> Array:
    """Return, of each network, its mean gain over stages plus ln of the last height, and its depth summed over stages."""
    out = []
    for net in data.networks:
        stages = stages_of(net, data.resolution)
        mean = sum(stage.gain / stage.weight for stage in stages) / len(stages)
        out.append((mean + np.log(stages[-1].resolution), sum(depth_worth(stage.layers) for stage in stages)))
    return np.array(out)


def fit_small(sets: Sequence[DataSet], se: Sequence[Array | None]) -> float:
    """Return what depth is worth relative to mean gain: least squares over several data sets, each of which counts the same.

    Within each, accuracy (standardised; the mean of its tasks) and ingredients are taken at equal FLOPs: a cubic in ln FLOPs is
    taken out of both.
    """
    gram, right = np.zeros((2, 2)), np.zeros(2)
    for data, gates in zip(sets, se, strict=True):
        cost = np.log(data.flops)
        powers = [cost, cost**2, cost**3, *([] if gates is None else [gates])]
        truth = np.mean([(y - y.mean()) / y.std() for y in data.accuracy.values()], axis=0)
        truth = without(truth, powers)
        parts = np.column_stack([without(column, powers) for column in plain_ingredients(data).T])
        parts, truth = parts - parts.mean(0), (truth - truth.mean()) / truth.std()
        gram += parts.T @ parts / len(truth)
        right += parts.T @ truth / len(truth)
    width, depth = np.linalg.solve(gram, right)
    return float(depth / width)
