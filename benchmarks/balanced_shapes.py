"""Whether a balanced shape earns its cost in score: the evidence for or against presets such as budget=flops400M_balanced.

    python benchmarks/balanced_shapes.py accuracies   # trained networks with a shape against others of the same FLOPs
    python benchmarks/balanced_shapes.py scores       # the best networks by Zen with and without it, by the calibrated score

Only the parts of Accel-NASBench for fits and choices are read; what is held out plays no part.
"""

import sys

import numpy as np

from calibrated_data import Array, accel, gated_stages
from calibrated_figures import without
from common import header
from shape_costs import RESOLUTION, optimum
from zen_lightning.arch import Architecture
from zen_lightning.budget.shape import Effectiveness, LargestShare, LayersEachStage, Shape
from zen_lightning.budget.stages import effectiveness, stages
from zen_lightning.proxy.estimate import OutOfRangeError, estimate_top1
from zen_lightning.proxy.zen_calibrated import ZenCalibrated
from zen_lightning.proxy.zen_score import zen_score

SHAPES: tuple[tuple[str, Shape], ...] = (
    ("layers_each_stage=2", LayersEachStage(2, None, RESOLUTION)),
    ("layers_each_stage=3", LayersEachStage(3, None, RESOLUTION)),
    ("largest_share=0.5", LargestShare(0.5, RESOLUTION)),
    ("largest_share=0.4", LargestShare(0.4, RESOLUTION)),
    ("largest_share=0.35", LargestShare(0.35, RESOLUTION)),
)
BUDGETS, BEST = (300e6, 400e6, 500e6), 10
RESAMPLES = 1_000


def main() -> None:
    todo = {"accuracies": accuracies, "scores": scores}
    if len(sys.argv) != 2 or sys.argv[1] not in todo:
        sys.exit(f"usage: python {sys.argv[0]} {'|'.join(todo)}")
    header()
    todo[sys.argv[1]]()


def accuracies() -> None:
    """Print what a shape is worth among trained networks: at equal FLOPs, at equal FLOPs and score, and to a search."""
    parts = accel()
    networks = [net for name in ("fit", "choose") for net in parts[name].networks]
    flops = np.concatenate([parts[name].flops for name in ("fit", "choose")])
    top1 = np.concatenate([parts[name].accuracy["top-1"] for name in ("fit", "choose")])
    truth = without(top1, [gated_stages(networks)])
    zen, calibrated = (np.array([score(net) for net in networks]) for score in (_zen, _calibrated))
    rho = np.array([effectiveness(net) for net in networks])
    half = float(np.median(rho))
    masks = [(name, np.array([shape.excess(net) == 0 for net in networks])) for name, shape in SHAPES]
    masks.append(
        (f"effectiveness={half:.2f} (the median)", np.array([Effectiveness(half).excess(net) == 0 for net in networks]))
    )
    print(f"{len(networks)} networks; top-1 less squeeze-and-excitation, in points\n")
    print("| shape | have it | gain at equal FLOPs | at equal FLOPs and Zen | at equal FLOPs and calibrated score |")
    print("|---|---|---|---|---|")
    cost = np.log(flops)
    powers = [cost, cost**2, cost**3]
    for name, mask in masks:
        cells = [_effect(mask, truth, [*powers, *more]) for more in ([], [zen], [calibrated])]
        print(f"| `{name}` | {mask.mean():.0%} | " + " | ".join(cells) + " |", flush=True)
    for name, score in (("Zen", zen), ("the calibrated score", calibrated)):
        print(f"\nThe ten best by {name} within 85 to 100% of a budget: how much better with the shape\n")
        print("| shape | " + " | ".join(f"{budget / 1e6:.0f}M" for budget in BUDGETS) + " |\n|---|" + "---|" * len(BUDGETS))
        for shape, mask in masks:
            cells = [_picked(mask, score, truth, flops, budget) for budget in BUDGETS]
            print(f"| `{shape}` | " + " | ".join(cells) + " |", flush=True)


def scores() -> None:
    """Print what the calibrated score says of the best networks by Zen with so many layers in each stage."""
    calibrated = ZenCalibrated(RESOLUTION)
    print("| at most 14 layers, 600M FLOPs | layers of the stages | zen | calibrated | estimate of top-1 | cautions |")
    print("|---|---|---|---|---|---|")
    keys = ("shape.layers_each_stage=1", "shape.layers_each_stage=2", "shape.layers_each_stage=3", "shape.largest_share=0.5")
    for name in keys:
        network, _ = optimum(name)
        listed = ", ".join(str(stage.layers) for stage in stages(network, RESOLUTION))
        try:
            guess = estimate_top1(network, RESOLUTION, 1000)
            estimate, cautions = f"{guess.top1:.1f} [{guess.low:.1f}, {guess.high:.1f}]", str(len(guess.cautions))
        except OutOfRangeError:
            estimate, cautions = "-", "-"
        value = calibrated.score(network).value
        print(f"| `{name}` | {listed} | {_zen(network):.2f} | {value:.2f} | {estimate} | {cautions} |", flush=True)


def _calibrated(network: Architecture) -> float:
    return ZenCalibrated(RESOLUTION).score(network).value


def _zen(network: Architecture) -> float:
    return zen_score(network, resolution=RESOLUTION)


def _effect(mask: Array, truth: Array, controls: list[Array]) -> str:
    """Return the difference that a shape makes, the controls held fixed, with a 95% bootstrap interval over networks."""
    columns = np.column_stack([mask, np.ones(len(mask)), *[(one - one.mean()) / one.std() for one in controls]])
    rng, found = np.random.default_rng(0), []
    for draw in range(RESAMPLES + 1):
        rows = rng.integers(len(mask), size=len(mask)) if draw else np.arange(len(mask))
        found.append(np.linalg.lstsq(columns[rows], truth[rows], rcond=None)[0][0])
    low, high = np.percentile(found[1:], [2.5, 97.5])
    return f"{found[0]:+.2f} [{low:+.2f}, {high:+.2f}]"


def _picked(mask: Array, score: Array, truth: Array, flops: Array, budget: float) -> str:
    """Return how much better the ten best by score are once networks without the shape are left out."""
    near = np.flatnonzero((flops >= 0.85 * budget) & (flops <= budget))
    rng, found = np.random.default_rng(0), []
    for draw in range(RESAMPLES + 1):
        rows = rng.choice(near, len(near)) if draw else near
        kept = rows[mask[rows].astype(bool)]
        if len(kept) < BEST:
            continue
        best, of_shape = (truth[some[np.argsort(-score[some])[:BEST]]].mean() for some in (rows, kept))
        found.append(of_shape - best)
    if len(found) < RESAMPLES / 2:
        return f"too few ({int(mask[near].sum())})"
    low, high = np.percentile(found[1:], [2.5, 97.5])
    return f"{found[0]:+.2f} [{low:+.2f}, {high:+.2f}] of {int(mask[near].sum())}"


if __name__ == "__main__":
    main()
