"""Makes the profiles of a V100 from a published table of single operations (v100_table.py), and says how good they are.

    python benchmarks/v100_profile.py            the held-out error over operations, and the published networks
    python benchmarks/v100_profile.py --write    and write the profiles into the package

``v100-tensorrt-fp16`` is the table's own: TensorRT makes batch norms and relus part of the convolutions before them.
``v100-unfused-fp16`` has them, and additions, as operations of their own, as in a network that PyTorch runs operation by
operation: the original timed its candidates so, and the published latencies are of that kind.

Between the points Gaussian processes on a cost model interpolate, as in every profile (docs/latency.md).
"""

import argparse
import time
from collections import defaultdict
from random import Random
from typing import Any

import numpy as np

from common import ROOT, golden, header, row, spearman
from v100_table import measured, operations, table
from zen_lightning.arch import Architecture
from zen_lightning.latency.correction import Correction
from zen_lightning.latency.fit import as_points, held_out_error
from zen_lightning.latency.operations import DEPTHWISE, RELU, SE, Operation, network_operations
from zen_lightning.latency.predictor import OperationTimes, operation_of, relative_deviation
from zen_lightning.latency.profile import Points, Profile
from zen_lightning.latency.regression import FamilyRegression, nonnegative_fit
from zen_lightning.latency.settings import LatencySettings

PROFILES = {"v100-tensorrt-fp16": True, "v100-unfused-fp16": False}
"""Whether batch norms, relus and additions are fused."""

CHOSEN_ON = 400
"""Points that the shape of a process is chosen on, instead of 150: some families gain 3 percentage points."""

HELD_OUT = 5
"""Each fifth operation of a family is held out for the error; the profile has them all."""

SOURCE = {
    "title": "latencies of single operations on a V100 with TensorRT, from Alibaba's lightweight-neural-architecture-search",
    "url": "https://github.com/alibaba/lightweight-neural-architecture-search, commit 8ccaf889",
    "licence": "Apache-2.0",
    "held_out": "the published latencies of Zen-NAS, times one factor, each network left out in turn",
}


def held_out(known: dict[Operation, float]) -> list[float]:
    """Print the errors over operations that their regressions have not seen, by family, and return all."""
    errors = []
    families = defaultdict(list)
    for operation in sorted(known):
        families[operation.family].append(operation)
    for family, listed in sorted(families.items()):
        order = Random(family).sample(listed, len(listed))
        others, left = [o for n, o in enumerate(order) if n % HELD_OUT], order[::HELD_OUT]
        regression = FamilyRegression(others, [known[o] for o in others], chosen_on=CHOSEN_ON)
        off = [abs(regression.seconds(o) / known[o] - 1) for o in left]
        print(
            f"  {family}: {len(listed)} operations, {len(left)} held out: median error {np.median(off):.1%}, 90th "
            f"percentile {np.percentile(off, 90):.1%}"
        )
        errors += off
    return errors


def published() -> list[dict[str, Any]]:
    """Return the networks of the seed document with a latency on a V100."""
    return [network for network in golden("zoo.json") if "v100_ms" in network["published"]]


def leave_one_out(columns: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return each target as factors fitted on the others, in relative error, predict it from its columns."""
    found = []
    for number in range(len(target)):
        others = np.arange(len(target)) != number
        factors = nonnegative_fit(columns[others] / target[others, None], np.ones(len(target) - 1))
        found.append(float(columns[number] @ factors))
    return np.array(found)


def main() -> None:
    """Print the errors; write the profiles where asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--write", action="store_true", help="write the profiles that the package ships")
    parser.add_argument("--batch", type=int, default=64, choices=(4, 32, 64, 128))
    options = parser.parse_args()
    header()
    rows, batch = table(), options.batch
    known = {o: seconds for o, seconds in measured(rows, batch).items() if o.kind != DEPTHWISE or o.kernel_size > 1}
    print(f"batch {batch}: {len(known):,} operations; each fifth held out:")
    off = held_out(known)
    print(f"  all: median error {np.median(off):.1%}, 90th percentile {np.percentile(off, 90):.1%}")
    for name, fused in PROFILES.items():
        print(f"\n{name}")
        profile, times = fitted(as_points(operations(rows, batch, fused)), name, batch, fused)
        compare(profile, times, fused)
        if options.write:
            path = ROOT / "src" / "zen_lightning" / "latency" / "profiles" / f"{name}.json"
            profile.write(path)
            print(f"{path.name}: {path.stat().st_size:,} bytes, {sum(map(len, profile.points.values())):,} points")


def fitted(points: Points, name: str, batch: int, fused: bool) -> tuple[Profile, OperationTimes]:
    """Return the profile, whose error is that of the published networks after one factor, each left out in turn."""
    regressions = {}
    for family, listed in points.items():
        measured_here = [operation_of(family, *one[:3]) for one in listed]
        regression = FamilyRegression(measured_here, [one[3] * 1e-6 for one in listed], chosen_on=CHOSEN_ON)
        regressions[family] = regression.fitted.as_dict()
    times = OperationTimes(points, regressions, name, (RELU,) if fused else ())
    networks, predicted, target, deviations = published(), [], [], []
    for network in networks:
        listed_here = operations_of(network, fused)
        predicted.append(1000 * sum(map(times.seconds, listed_here)))
        target.append(network["published"]["v100_ms"])
        deviations.append(relative_deviation(listed_here, times))
    left_out = leave_one_out(np.array(predicted)[:, None], np.array(target))
    factor = float(nonnegative_fit(np.array(predicted)[:, None] / np.array(target)[:, None], np.ones(len(target)))[0])
    how = "in which relu and batch norms are part of convolutions" if fused else "relu, batch norms and additions one by one"
    note = (
        f"one image of a batch of {batch} by TensorRT, {how}; squeeze-and-excitation, pooling and classifier are estimated; "
        f"the published V100 latencies of Zen-NAS, by PyTorch, are {factor:.1f} times as long"
    )
    profile = Profile(
        name=name,
        settings=LatencySettings("NVIDIA V100", "float16", batch, fold_batch_norms=fused, engine="TensorRT", elsewhere=True),
        device={"name": "NVIDIA V100", "driver": None, "clocks": {}, "versions": {}},
        date=time.strftime("%Y-%m-%d"),
        seconds=0.0,
        points=points,
        regressions=regressions,
        correction=Correction().as_dict(),
        held_out=held_out_error(left_out.tolist(), target, deviations),
        networks=[
            {
                "structure": network["structure"],
                "use_se": network["use_se"],
                "milliseconds": milliseconds,
                "predicted": float(f"{one:.6g}"),
                "held_out": True,
            }
            for network, milliseconds, one in zip(networks, target, predicted, strict=True)
        ],
        unsteady={},
        fused=(RELU,) if fused else (),
        source={**SOURCE, "note": note},
    )
    return profile, times


def operations_of(network: dict[str, Any], fused: bool) -> list[Operation]:
    """Return the operations of a published network."""
    blocks = Architecture.parse(network["structure"]).blocks
    return network_operations(blocks, network["resolution"], network["num_classes"], fused, network["use_se"])


def compare(profile: Profile, times: OperationTimes, fused: bool) -> None:
    """Print what is predicted for the published networks beside what was published."""
    target = np.array([network["milliseconds"] for network in profile.networks])
    predicted = np.array([network["predicted"] for network in profile.networks])
    parts = []
    for network in published():
        seconds = defaultdict(float)
        for operation in operations_of(network, fused):
            seconds[operation.kind if operation.kind in (DEPTHWISE, SE) else "other"] += 1000 * times.seconds(operation)
        parts.append([seconds["other"] + seconds[SE], seconds[DEPTHWISE]])
    one, two = leave_one_out(predicted[:, None], target), leave_one_out(np.array(parts), target)
    print("| network | published | predicted | of it depthwise | one factor, left out | two factors, left out |")
    for network, *values in zip(published(), target, predicted, np.array(parts)[:, 1], one, two, strict=True):
        print(f"| `{network['name']}` | {values[0]:g} | " + " | ".join(f"{value:.3f}" for value in values[1:]) + " |")
    correlation = spearman(predicted.tolist(), target.tolist())
    row("Spearman of predicted and published", f"{correlation:.3f}", "at least 0.95", correlation >= 0.95)
    for name, chosen in (("without depthwise convolutions", slice(3, None)), ("with them", slice(0, 3))):
        among = spearman(predicted[chosen].tolist(), target[chosen].tolist())
        print(f"  among those {name}: {among:.3f}; published over predicted {(target / predicted)[chosen].round(2).tolist()}")
    for name, found in (("one factor", one), ("two factors, for depthwise convolutions and the others", two)):
        off = np.abs(found / target - 1)
        print(
            f"  leave-one-out, {name}: error {np.median(off):.1%} in the median, {off.mean():.1%} on average, at most "
            f"{off.max():.1%}; Spearman {spearman(found.tolist(), target.tolist()):.3f}"
        )


if __name__ == "__main__":
    main()
