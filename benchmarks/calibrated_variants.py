"""Other fits of the calibrated score, judged on the part of Accel-NASBench for choices alone.

    python benchmarks/calibrated_variants.py

The form stays: mean gain, depth and gates of five stages. What varies is the target (top-1, or its logarithm below a ceiling),
whether FLOPs are held fixed in the fit, whether weights may be negative, and a fit to pairs of equal FLOPs by logistic
regression.
"""

import numpy as np

from calibrated_data import Array, DataSet, accel, gated_stages
from calibrated_figures import kendall_within, without
from calibrated_fit import STAGES, ingredients
from common import header

CEILING = 71.0
"""Of the logarithm: that of the estimate's curve (proxy/calibration.json)."""

PAIRS, RESAMPLES = 60_000, 300
Weights = Array


def main() -> None:
    header()
    parts = accel()
    fit, held = parts["fit"], parts["choose"]
    columns, top1, cost = np.column_stack(ingredients(fit)), fit.accuracy["top-1"], np.log(fit.flops)
    width, depth, _ = ingredients(held)
    seen = np.column_stack([width, depth])
    truth = without(held.accuracy["top-1"], [gated_stages(held.networks)])
    targets = {"top-1": top1, f"-ln({CEILING:g} - top-1)": -np.log(CEILING - top1)}
    found: list[tuple[str, Weights]] = []
    for name, target in targets.items():
        found.append((name, least_squares(columns, target, [])))
        found.append((f"{name}, ln FLOPs beside", least_squares(columns, target, [cost])))
        found.append((f"{name}, ln FLOPs beside, no weight below 0", least_squares(columns, target, [cost], signed=False)))
    pairs = pairs_of_equal_cost(fit)
    found.append(("pairs of equal FLOPs", logistic(columns, top1, pairs)))
    found.append(("pairs of equal FLOPs, no weight below 0", logistic(columns, top1, pairs, signed=False)))
    scores = [seen @ weights[: 2 * STAGES] for _, weights in found]
    print("| fit | Kendall at equal FLOPs, part for choices | more than now | weights of width, 112 to 7 px, of a sum of 10 |")
    print("|---|---|---|---|")
    for (name, weights), score in zip(found, scores, strict=True):
        tau = kendall_within(score, truth, held.flops, held.tolerance, 0).value
        shares = 10 * weights[:STAGES] / np.abs(weights[:STAGES]).sum()
        listed = ", ".join(f"{share:.1f}" for share in shares)
        print(f"| {name} | {tau:.3f} | {_more(score, scores[0], truth, held)} | {listed} |", flush=True)


def least_squares(columns: Array, target: Array, beside: list[Array], signed: bool = True) -> Weights:
    """Return the weights of the columns; those of what stands beside them, and of the constant, are left out.

    Args:
        columns: the ingredients.
        target: what they explain.
        beside: what else explains it.
        signed: whether weights may be below 0; else the one that is lowest is taken out until none is.
    """
    kept = np.ones(columns.shape[1], dtype=bool)
    while True:
        both = np.column_stack([columns[:, kept], *beside, np.ones(len(target))])
        weights = np.zeros(len(kept))
        weights[kept] = np.linalg.lstsq(both, target, rcond=None)[0][: kept.sum()]
        if signed or weights.min() >= 0:
            return weights
        kept[weights.argmin()] = False


def pairs_of_equal_cost(data: DataSet) -> tuple[Array, Array]:
    """Return the two members of a sample of the pairs whose FLOPs differ by no more than the tolerance."""
    order = np.argsort(data.flops)
    ends = np.searchsorted(data.flops[order], data.flops[order] * (1 + data.tolerance), "right")
    one = np.concatenate([np.full(end - place - 1, order[place]) for place, end in enumerate(ends)])
    two = np.concatenate([order[place + 1 : end] for place, end in enumerate(ends)])
    drawn = np.random.default_rng(0).permutation(len(one))[:PAIRS]
    return one[drawn], two[drawn]


def logistic(columns: Array, top1: Array, pairs: tuple[Array, Array], signed: bool = True) -> Weights:
    """Return the weights by which the better network of a pair most likely has the higher score, by Newton steps."""
    one, two = pairs
    apart = (columns[one] - columns[two]) * np.sign(top1[one] - top1[two])[:, None]
    weights = np.full(columns.shape[1], 0.1)
    for _ in range(60):
        chance = 1 / (1 + np.exp(apart @ weights))
        slope = -(apart.T @ chance) / len(apart)
        curvature = (apart.T * (chance * (1 - chance))) @ apart / len(apart) + 1e-6 * np.eye(len(weights))
        free = np.full(len(weights), True) if signed else (weights > 0) | (slope < 0)
        weights[free] -= np.linalg.solve(curvature[np.ix_(free, free)], slope[free])
        if not signed:
            weights = np.maximum(weights, 0)
    return weights


def _more(score: Array, now: Array, truth: Array, held: DataSet) -> str:
    """Return how much higher Kendall is than by the weights that ship, with a 95% interval over networks."""
    rng, found = np.random.default_rng(0), []
    for draw in range(RESAMPLES + 1):
        rows = rng.integers(len(truth), size=len(truth)) if draw else np.arange(len(truth))
        taus = [kendall_within(one[rows], truth[rows], held.flops[rows], held.tolerance, 0).value for one in (score, now)]
        found.append(taus[0] - taus[1])
    low, high = np.percentile(found[1:], [2.5, 97.5])
    return f"{found[0]:+.3f} [{low:+.3f}, {high:+.3f}]"


if __name__ == "__main__":
    main()
