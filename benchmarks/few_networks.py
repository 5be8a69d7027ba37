"""How well the latency of a network is predicted on a device of which a few networks were measured whole.

    python benchmarks/few_networks.py

The devices are those of Accel-NASBench (https://arxiv.org/abs/2404.08005), ``data/truth`` beside the golden files: throughput
on an A100 and an RTX 3090, latency on a ZCU102. Profiles are fitted on some of the networks, drawn at random, and predict all
others; of three draws the one with the median error counts. The form of the costs (``zen_lightning.latency.kind_costs``) was
chosen while looking at other draws from the same tables; it has no setting that was.
"""

import time

from common import header, row
from truth_counts import rows
from zen_lightning.arch import AccelArchitecture
from zen_lightning.latency.fit import MeasuredNetwork
from zen_lightning.latency.settings import LatencySettings
from zen_lightning.latency.whole_networks import learning_curve

COUNTS = (10, 20, 50, 100)
DEVICES = {"thr_a100": "A100", "thr_3090": "RTX 3090", "lat_zcu102_ms": "ZCU102"}
TARGET = 0.05


def main() -> None:
    """Print the errors for each device and number of networks."""
    header()
    table = [(AccelArchitecture.parse(values["architecture"]), values) for values in rows("accel_nasbench_imagenet.csv.gz")]
    for column, device in DEVICES.items():
        known = [
            MeasuredNetwork(arch, 224, 1000, 1000 / float(values[column]) if "thr" in column else float(values[column]))
            for arch, values in table
            if values[column]
        ]
        began = time.perf_counter()
        found = learning_curve(known, COUNTS, LatencySettings(device, "", 1, engine="", elsewhere=True))
        for count, held_out in found.items():
            what = f"{device}, {count} of {len(known):,} networks: median error, 90th percentile, Spearman"
            measured = f"{held_out.median:.2%}, {held_out.percentile_90:.1%}, {held_out.spearman:.4f}"
            if count == COUNTS[-1] and device != "ZCU102":
                row(what, measured, f"median under {TARGET:.0%}", held_out.median < TARGET)
            else:
                print(f"| {what} | {measured} | - | |", flush=True)
        print(f"  {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
