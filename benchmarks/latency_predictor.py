"""How good and how fast a profile's predictions are.

    python benchmarks/latency_predictor.py profiles/NAME.json             what the profile says of its networks held out
    python benchmarks/latency_predictor.py profiles/NAME.json --fresh 30  and fresh networks, measured now: about 4 minutes

A machine is not as quick today as on the day of its profile, and a search corrects for that by a few measurements
(docs/latency.md): for one half of the fresh networks there is also the error with the median ratio of the other half taken out.

TinyNAS publishes operator tables and interpolates in them: on the networks of its own test the median error is 7.4%, the 90th
percentile 33%. Measure on a quiet machine.
"""

import argparse
import statistics
import time
from pathlib import Path
from random import Random

from common import header, row
from zen_lightning.latency.fit import held_out_error
from zen_lightning.latency.grid import default_extent, reaches
from zen_lightning.latency.measure import measure_network
from zen_lightning.latency.predictor import LatencyPredictor
from zen_lightning.latency.profile import HeldOut, Profile, find_profile
from zen_lightning.latency.samples import preset_start, sample_networks
from zen_lightning.space import search_space

CHILDREN = 200_000
SWEEPS = 3


def errors(held_out: HeldOut, what: str) -> None:
    median, most = held_out.median, held_out.percentile_90
    row(f"{what}: median error", f"{median:.1%}", "at most 5% (tables: 7.4%)", median <= 0.05)
    row(f"{what}: 90th percentile", f"{most:.1%}", "at most 12% (tables: 33%)", most <= 0.12)
    row(f"{what}: Spearman", f"{held_out.spearman:.3f}", "at least 0.98", held_out.spearman >= 0.98)


def by_space(profile: Profile) -> None:
    for space, word in (("mobilenet", "IDW"), ("resnet", "")):
        mine = [n for n in profile.networks if n["held_out"] and ("IDW" in n["structure"]) == bool(word)]
        off = [abs(n["predicted"] / n["milliseconds"] - 1) for n in mine]
        print(f"  {space}: {len(off)} networks, median error {statistics.median(off):.1%}, largest {max(off):.1%}")


def fresh(profile: Profile, count: int) -> tuple[HeldOut, HeldOut, float]:
    predictor = LatencyPredictor(profile)
    extent = default_extent(profile.settings)
    networks = list(sample_networks(count, extent.flops, "fresh", accept=reaches(extent)))
    measured = [float("inf")] * count
    for _ in range(SWEEPS):
        for number, network in enumerate(networks):
            found = measure_network(network, profile.settings, seconds=0.5)
            measured[number] = min(measured[number], found.milliseconds)
    predicted = [predictor.milliseconds(network) for network in networks]
    halves = [slice(0, count, 4), slice(1, count, 4)]  # Even and odd ones are of different spaces.
    known = [number for half in halves for number in range(count)[half]]
    others = [number for number in range(count) if number not in known]
    ratio = statistics.median(measured[number] / predicted[number] for number in known)
    corrected = held_out_error([ratio * predicted[n] for n in others], [measured[n] for n in others], [0.0] * len(others))
    return held_out_error(predicted, measured, [0.0] * count), corrected, ratio


def rate(profile: Profile, space_name: str) -> float:
    """Return the predictions a second over the children of a random walk, blocks remembered from none on."""
    predictor, space, rng = LatencyPredictor(profile), search_space(space_name), Random(0)
    extent = default_extent(profile.settings)
    reached = reaches(extent)
    parents = [preset_start(space_name, 0.5)]
    children = []
    while len(children) < CHILDREN:
        child = space.mutate(parents[int(rng.random() * len(parents))], rng, 2).split()
        if child.num_layers <= 20 and child.flops(224) <= extent.flops[1] and reached(child):
            children.append(child)
            parents = [*parents[-500:], child]
    began = time.perf_counter()
    for child in children:
        predictor.milliseconds(child)
    return CHILDREN / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("profile")
    parser.add_argument("--fresh", type=int, default=0, metavar="N", help="measure N networks now")
    options = parser.parse_args()
    header()
    path = Path(options.profile)
    profile = find_profile(str(path) if path.suffix == ".json" else options.profile)
    operations = sum(map(len, profile.points.values()))
    print(
        f"{profile.device['name']}, {profile.settings.summary()}: {operations:,} operations in {profile.seconds / 60:.1f} min"
    )
    errors(profile.held_out, f"{profile.held_out.networks} networks held out")
    by_space(profile)
    if options.fresh:
        as_they_are, corrected, ratio = fresh(profile, options.fresh)
        errors(as_they_are, f"{options.fresh} fresh networks")
        errors(corrected, f"half of them, times {ratio:.3f}, the median ratio of the others")
    for space in ("resnet", "mobilenet"):
        found = rate(profile, space)
        row(f"predictions on one core, {space}", f"{found:,.0f}/s", "at least 20,000/s", found >= 20_000)


if __name__ == "__main__":
    main()
