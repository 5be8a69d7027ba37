"""What the trained networks say of the proxies, as Markdown: rank correlations at equal cost, and the answers of the searches.

    python benchmarks/trained_truth_table.py                   after truth_scores.py

A network's accuracy is the mean over its trainings. Kendall's tau-b counts pairs whose cost (FLOPs of ``mobilenet``, params of
``resnet``) differs by at most 10% of the larger; its interval is the middle 95% of 1,000 bootstrap samples of the networks. The
answers of searches were chosen by scores, so the networks drawn at random stand beside all networks.
"""

import argparse
import math
import statistics
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from common import ROOT, header
from trained_truth import rows
from truth_networks import SPACES
from truth_scores import SCORES, read_scores
from truth_training import recipe_hash
from zen_lightning.proxy.base import RankedProxy
from zen_lightning.proxy.catalogue import proxy_class

WITHIN = 0.10
RESAMPLES = 1000
DATA = ROOT / "benchmarks" / "data"
Vector = NDArray[np.float64]
_T95 = (0, 12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13)
"""Student's t, two-sided 95%, by degrees of freedom."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=Path, default=DATA / "trained_truth_networks.csv")
    parser.add_argument("--results", type=Path, default=DATA / "trained_truth.csv")
    parser.add_argument("--scores", type=Path, default=SCORES)
    options = parser.parse_args()
    header()
    top1 = accuracies(options.results)
    networks = [network for network in rows(options.networks) if network["id"] in top1]
    scores = read_scores(options.scores)
    for space in SPACES:
        here = [network for network in networks if network["space"] == space.name]
        if len(here) > 2:
            print(f"\n### `{space.name}`, {len(here)} networks\n")
            correlations(here, space.equal, top1, scores)
            print()
            answers(here, space.layers, top1)


def accuracies(path: Path) -> dict[str, float]:
    """Return the mean top-1 of each network, in percent, of trainings by the present recipe."""
    found: dict[str, list[float]] = defaultdict(list)
    for row in rows(path):
        if row["recipe"] == recipe_hash():
            found[row["id"]].append(float(row["top1"]))
    return {identity: statistics.fmean(values) for identity, values in found.items()}


def correlations(
    networks: list[dict[str, str]],
    equal: str,
    top1: dict[str, float],
    scores: dict[str, dict[str, tuple[float, tuple[float, ...]]]],
) -> None:
    """Print the table of rank correlations, the best at equal cost first."""
    lines = []
    random = [network for network in networks if network["source"] == "random"]
    for proxy in sorted(scores):
        cells, order = [], -2.0
        for group, bands in (
            (networks, (None, {equal: WITHIN})),
            (random, ({equal: WITHIN}, {equal: WITHIN, "layers": WITHIN})),
        ):
            known = [network for network in group if network["id"] in scores[proxy]]
            values = score_values(proxy, [scores[proxy][network["id"]] for network in known])
            truth = np.array([top1[network["id"]] for network in known])
            for band in bands:
                tau, low, high = kendall(values, truth, comparable(known, band or {}))
                cells.append("-" if math.isnan(tau) else f"{tau:+.2f} [{low:+.2f}, {high:+.2f}]")
                if group is networks and band:
                    order = -2.0 if math.isnan(tau) else tau
        lines.append((order, f"| `{proxy}` | " + " | ".join(cells) + " |"))
    what = (f"all {len(networks)}", f"all, equal {equal}", f"{len(random)} random, equal {equal}")
    print(f"| proxy | {' | '.join(what)} | random, equal {equal} and layers |")
    print("|---|---|---|---|---|")
    print("\n".join(line for _, line in sorted(lines, reverse=True)))
    counts = [int(comparable(group, {equal: WITHIN}).sum()) // 2 for group in (networks, random)]
    alike = int(comparable(random, {equal: WITHIN, "layers": WITHIN}).sum()) // 2
    print(
        f"\nPairs at equal {equal}: {counts[0]} of all, {counts[1]} of the random ones, {alike} of these with as many layers."
    )


def score_values(proxy: str, entries: list[tuple[float, tuple[float, ...]]]) -> Vector:
    """Return the scores of a set of networks, ranked within the set where the proxy does so."""
    target = proxy_class(proxy)
    if issubclass(target, RankedProxy):
        return np.array(target().combine([parts for _, parts in entries]))
    return np.array([value for value, _ in entries])


def comparable(networks: list[dict[str, str]], within: dict[str, float]) -> NDArray[np.bool_]:
    """Return which pairs differ in each cost by at most that share of the larger."""
    pairs = ~np.eye(len(networks), dtype=bool)
    for key, share in within.items():
        cost = np.array([float(network[key]) for network in networks])
        pairs &= np.abs(cost[:, None] - cost) <= share * np.maximum(cost[:, None], cost)
    return pairs


def kendall(score: Vector, truth: Vector, pairs: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Return Kendall's tau-b over pairs, and the ends of its bootstrap interval."""
    one, two = (np.sign(values[:, None] - values) * pairs for values in (score, truth))
    agree, first, second = one * two, one**2, two**2

    def tau(times: Vector) -> float:
        ties = math.sqrt(float(times @ first @ times) * float(times @ second @ times))
        return float(times @ agree @ times) / ties if ties else math.nan

    size = len(score)
    draws = np.random.default_rng(0).integers(0, max(size, 1), (RESAMPLES, size))
    taus = [tau(np.bincount(draw, minlength=size).astype(float)) for draw in draws]
    low, high = np.nanquantile(taus, (0.025, 0.975)) if not all(map(math.isnan, taus)) else (math.nan, math.nan)
    return tau(np.ones(size)), float(low), float(high)


def answers(networks: list[dict[str, str]], layers: int, top1: dict[str, float]) -> None:
    """Print the table of searches: the mean top-1 of the answers of each."""
    groups: dict[tuple[str, int], list[dict[str, str]]] = defaultdict(list)
    for network in networks:
        if network["source"] != "random":
            groups[network["source"], int(network["layers_limit"])].append(network)
    accuracy = {key: [top1[network["id"]] for network in group] for key, group in groups.items()}
    squares = sum(sum((x - statistics.fmean(values)) ** 2 for x in values) for values in accuracy.values())
    freedom = sum(len(values) - 1 for values in accuracy.values())
    deviation = math.sqrt(squares / freedom) if freedom else math.nan
    factor = math.nan if not freedom else _T95[freedom] if freedom < len(_T95) else 1.96 + 2.5 / freedom
    print("| search | layers, at most | answers | layers | params | FLOPs | top-1 | mean |\n|---|---|---|---|---|---|---|---|")
    for key in sorted(groups, key=lambda key: (key[1] != layers, -statistics.fmean(accuracy[key]))):
        group = groups[key]
        shown = [", ".join(network["layers"] for network in group)]
        shown.append(", ".join(f"{int(network['params']) / 1e3:.0f}k" for network in group))
        shown.append(", ".join(f"{int(network['flops']) / 1e6:.2f}M" for network in group))
        shown.append(", ".join(f"{value:.1f}" for value in accuracy[key]))
        half = factor * deviation / math.sqrt(len(group))
        mean = f"{statistics.fmean(accuracy[key]):.1f}" + ("" if math.isnan(half) else f" ± {half:.1f}")
        print(f"| `{key[0]}` | {key[1]} | {len(group)} | " + " | ".join(shown) + f" | {mean}% |")
    random = [top1[network["id"]] for network in networks if network["source"] == "random"]
    if random:
        spread = f"{min(random):.1f} to {max(random):.1f}"
        print(f"\n{len(random)} random networks: mean {statistics.fmean(random):.1f}%, {spread}.", end=" ")
    if freedom:
        pooled = f"{deviation:.2f} points, {freedom} degrees of freedom"
        print(f"The intervals use the deviation pooled over all searches: {pooled}.")


if __name__ == "__main__":
    main()
