"""Scores every network of the list by every proxy, once: what is in data/trained_truth_scores.csv is not computed again.

    python benchmarks/truth_scores.py                          all proxies of the catalogue
    python benchmarks/truth_scores.py --proxies zen,naswot

Noise images, 32 px, ten classes, the batch sizes of conf/proxy, seed 0: what a search without a dataset sees.
"""

import argparse
import csv
from pathlib import Path

from common import ROOT
from trained_truth import rows
from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.proxy.catalogue import CATALOGUE, score
from zen_lightning.system.csv_files import write_csv

COLUMNS = ("id", "proxy", "value", "parts", "error")
SCORES = ROOT / "benchmarks" / "data" / "trained_truth_scores.csv"
BATCH_SIZES = {"ntk": 16, "te_nas": 16, "grasp": 32, "linear_regions": 32, "swap": 32, "meco": 2}
SLOW_LAST = ("ntk", "te_nas", "grasp", "zen_monte_carlo", "linear_regions")
_SAVE_EVERY = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=Path, default=ROOT / "benchmarks" / "data" / "trained_truth_networks.csv")
    parser.add_argument("--scores", type=Path, default=SCORES)
    parser.add_argument("--proxies", help="names, separated by commas")
    options = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    known = {(row["id"], row["proxy"]): tuple(row[column] for column in COLUMNS) for row in rows(options.scores)}
    names = options.proxies.split(",") if options.proxies else sorted(CATALOGUE, key=lambda name: (name in SLOW_LAST, name))
    for name in names:
        fresh = 0
        for network in rows(options.networks):
            if (network["id"], name) in known:
                continue
            known[network["id"], name] = scored(network["id"], name, network["structure"])
            fresh += 1
            if fresh % _SAVE_EVERY == 0:
                write_csv(options.scores, COLUMNS, known.values(), checksum=False)
        write_csv(options.scores, COLUMNS, known.values(), checksum=False)
        print(f"{name}: {fresh} scores", flush=True)


def scored(identity: str, proxy: str, structure: str) -> tuple[str, ...]:
    """Return the row of one network and one proxy; an error is a row too."""
    try:
        found = score(Architecture.parse(structure), proxy=proxy, resolution=32, batch_size=BATCH_SIZES.get(proxy, 64))
    except UserError as error:
        return identity, proxy, "", "", str(error)
    return identity, proxy, repr(found.value), " ".join(map(repr, found.parts)), ""


def read_scores(path: Path) -> dict[str, dict[str, tuple[float, tuple[float, ...]]]]:
    """Return, for each proxy, value and parts of each network that it could score."""
    scores: dict[str, dict[str, tuple[float, tuple[float, ...]]]] = {}
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if not row["error"]:
                parts = tuple(map(float, row["parts"].split()))
                scores.setdefault(row["proxy"], {})[row["id"]] = (float(row["value"]), parts)
    return scores


if __name__ == "__main__":
    main()
