"""Makes the list of networks that trained_truth.py trains: answers of searches, and networks drawn at random.

    python benchmarks/truth_networks.py                                        everything that is not in the list yet
    python benchmarks/truth_networks.py --searches zen_calibrated,deepmad      the answers of these alone

Two spaces at 32 px, ten classes: ``mobilenet`` at 5M FLOPs and 14 layers, ``resnet`` at 50k params, 8M FLOPs and 18 layers (the
limits on layers are those of the presets). Every search runs the same evolution: 4,000 candidates, a population of 128, seeds 0
and 1. ``zen`` and its successors also answer under smaller limits on layers, as their scores grow with depth.

The random networks are drawn at ten depths of each space. One draw is a walk of random mutations from the start, of which
those over the budget are taken back; it ends with the first network after 20 mutations that has the wanted depth and 85 to 100%
of the budget. Of 60 draws at a depth the ones with the lowest, the median and the highest Zen-score (running) are taken.
A row once written stays as it is.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from random import Random

import zen_lightning as zl
from common import ROOT
from trained_truth import rows
from zen_lightning.arch import Architecture
from zen_lightning.system.csv_files import write_csv

COLUMNS = ("id", "space", "source", "layers_limit", "seed", "structure", "params", "flops", "layers")
RESOLUTION, CLASSES = 32, 10
SEARCHES = ("zen", "zen_calibrated", "deepmad", "entropy", "flops", "params", "random", "naswot", "az_nas", "synflow")
DEPTH_DRIVEN = ("zen", "zen_calibrated", "deepmad", "entropy")
SETTINGS = {"deepmad": ("proxy.rho=1.1",)}
"""Of the released 0.5 no network of this size keeps to: the start of the mobilenet space has 1.08."""

SEEDS = (0, 1)
ITERATIONS, POPULATION = 4_000, 128
DRAWS = 60
LEAST = 0.85
STEPS = (20, 300)


@dataclass(frozen=True)
class Space:
    """A space with its budget.

    Attributes:
        start: of searches and walks.
        equal: the cost that networks share: of it the random ones take 85 to 100%.
        limits: of the budget, beside layers.
        layers: the limit on layers of all searches.
        fewer_layers: further limits, for searches whose score grows with depth.
        depths: of the random networks.
    """

    name: str
    start: str
    equal: str
    limits: dict[str, int]
    layers: int
    fewer_layers: tuple[int, ...]
    depths: tuple[int, ...]


SPACES = (
    Space(
        "mobilenet",
        "SuperConvK3BNRELU(3,8,1,1)SuperResIDWE2K3(8,16,2,8,1)SuperResIDWE2K3(16,24,2,16,1)SuperResIDWE2K3(24,48,2,24,1)"
        "SuperConvK1BNRELU(48,256,1,1)",
        "flops",
        {"flops": 5_000_000},
        14,
        (5, 7, 10),
        tuple(range(5, 15)),
    ),
    Space(
        "resnet",
        "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)SuperResK3K3(16,32,2,16,1)SuperResK3K3(32,32,2,16,1)"
        "SuperConvK1BNRELU(32,128,1,1)",
        "params",
        {"params": 50_000, "flops": 8_000_000},
        18,
        (7, 10, 14),
        tuple(range(6, 16)),
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", type=Path, default=ROOT / "benchmarks" / "data" / "trained_truth_networks.csv")
    parser.add_argument(
        "--searches", help="names, separated by commas: their answers alone; default: all, and the random networks"
    )
    options = parser.parse_args()
    known = {row["id"] for row in rows(options.networks)}
    names = tuple(options.searches.split(",")) if options.searches else available()
    groups = [] if options.searches else [[drawn(space, known) for space in SPACES]]
    groups += [[answers(space, (name,), known) for space in SPACES] for name in names]
    # The spaces by turns, so that an unfinished list has some of both.
    for group in groups:
        for row in (row for rows_of_both in zip_longest(*group) for row in rows_of_both if row):
            add(options.networks, row)
            print(f"{row['id']}: {row['layers']} layers, {row['params']:,} params, {row['flops']:,} FLOPs", flush=True)


def available() -> tuple[str, ...]:
    """Return the searches that this checkout has, as such or by their proxy."""
    return tuple(name for name in SEARCHES if has("search", name) or has("proxy", name))


def has(group: str, name: str) -> bool:
    """Return whether a group of the configuration has this name."""
    return (ROOT / "conf" / group / f"{name}.yaml").exists()


def answers(space: Space, names: tuple[str, ...], known: set[str]) -> Iterator[dict[str, object]]:
    """Yield the answer of every search that is not known yet."""
    for seed in SEEDS:
        for name in names:
            for layers in (space.layers, *(space.fewer_layers if name in DEPTH_DRIVEN else ())):
                identity = f"{space.name}-found-{name}-{layers:02d}-{seed}"
                if identity not in known:
                    found = Architecture.parse(search(space, name, layers, seed))
                    yield row_of(identity, space, f"search={name}", layers, seed, found)


def search(space: Space, name: str, layers: int, seed: int) -> str:
    """Return the structure that a search answers."""
    with tempfile.TemporaryDirectory() as folder:
        limits = {
            "budget.params": "null",
            "budget.flops": "null",
            **{f"budget.{key}": value for key, value in space.limits.items()},
        }
        command = [
            *(sys.executable, str(ROOT / "run.py"), "budget=params1M", f"search_space={space.name}"),
            *([f"search={name}"] if has("search", name) else ["search=evolution", f"proxy={name}"]),
            *(f"resolution={RESOLUTION}", f"num_classes={CLASSES}", f'start="{space.start}"', f"budget.layers={layers}"),
            *(f"{key}={value}" for key, value in limits.items()),
            *(
                f"search.iterations={ITERATIONS}",
                f"search.population_size={POPULATION}",
                f"seed={seed}",
                f"output_dir={folder}/run",
            ),
            *SETTINGS.get(name, ()),
        ]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"search={name} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        structure: str = json.loads((Path(folder) / "run" / "result.json").read_text())["structure"]
        return structure


def drawn(space: Space, known: set[str]) -> Iterator[dict[str, object]]:
    """Yield random networks, three at each depth."""
    for depth in space.depths:
        names = [f"{space.name}-drawn-{depth:02d}-{which}" for which in ("low", "median", "high")]
        if known.issuperset(names):
            continue
        rng = Random(f"{space.name}/{depth}")
        networks: dict[str, Architecture] = {}
        while len(networks) < DRAWS:
            network = walk(space, depth, rng)
            if network is not None:
                networks[str(network)] = network
        ordered = sorted(networks.values(), key=lambda network: zl.zen_score(network, RESOLUTION))
        for name, network in zip(names, (ordered[0], ordered[DRAWS // 2], ordered[-1]), strict=True):
            if name not in known:
                yield row_of(name, space, "random", depth, 0, network)


def walk(space: Space, depth: int, rng: Random) -> Architecture | None:
    """Return where a random walk ends, or None where it meets nothing that is wanted."""
    choices = zl.search_space(space.name)
    network = Architecture.parse(space.start)
    for step in range(STEPS[1]):
        child = choices.mutate(network, rng, 2).split()
        if child.num_layers > depth or any(cost(child, key) > most for key, most in space.limits.items()):
            continue
        network = child
        enough = cost(network, space.equal) >= LEAST * space.limits[space.equal]
        if step >= STEPS[0] and enough and network.num_layers == depth:
            return network
    return None


def cost(network: Architecture, key: str) -> int:
    """Return the params or the FLOPs of a network."""
    return network.num_params(CLASSES) if key == "params" else network.flops(RESOLUTION, CLASSES)


def row_of(identity: str, space: Space, source: str, layers: int, seed: int, network: Architecture) -> dict[str, object]:
    values = (identity, space.name, source, layers, seed, str(network))
    values = (*values, cost(network, "params"), cost(network, "flops"), network.num_layers)
    return dict(zip(COLUMNS, values, strict=True))


def add(path: Path, row: dict[str, object]) -> None:
    """Append a row, atomically."""
    known = [[entry[column] for column in COLUMNS] for entry in rows(path)]
    write_csv(path, COLUMNS, [*known, [row[column] for column in COLUMNS]], checksum=False)


if __name__ == "__main__":
    main()
