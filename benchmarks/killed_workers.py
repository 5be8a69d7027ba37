"""A search during which workers are killed with -9, at random, 20 times: it ends, and ends the same.

python benchmarks/killed_workers.py                              about 3 minutes on two cores
python benchmarks/killed_workers.py --kills 3 --iterations 60    a look
"""

import argparse
import os
import random
import signal
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import torch

from common import header, row
from zen_lightning.arch import Architecture
from zen_lightning.budget import Budget, LayersLimit, ParamsLimit
from zen_lightning.proxy.monte_carlo import ZenMonteCarlo
from zen_lightning.search.evolution import UNSCORABLE
from zen_lightning.search.run import Progress, SearchSetup, run_search
from zen_lightning.search.worker_pool import WorkerPool
from zen_lightning.space import search_space

START = (
    "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)SuperResK3K3(16,32,2,16,1)SuperResK3K3(32,64,2,32,1)"
    "SuperResK3K3(64,64,2,32,1)SuperConvK1BNRELU(64,128,1,1)"
)
WORKERS = 2


class Killer(threading.Thread):
    """Kills workers of a pool, each once, with pauses of 0.5 to 5 seconds."""

    def __init__(self, pool: WorkerPool, kills: int) -> None:
        super().__init__(daemon=True)
        self.pool = pool
        self.kills = kills
        self.killed: list[int] = []

    def run(self) -> None:
        rng = random.Random(0)
        while len(self.killed) < self.kills:
            time.sleep(rng.uniform(0.5, 5))
            alive = [pid for pid in self.pool.pids if pid not in self.killed]
            if alive:
                victim = rng.choice(alive)
                with suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
                    self.killed.append(victim)


def ignore(progress: Progress) -> None:
    """Show nothing."""


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--iterations", type=int, default=1_000)
    options = parser.parse_args()
    header()
    setup = SearchSetup(
        space=search_space("resnet"),
        proxy=ZenMonteCarlo(resolution=32, batch_size=16),
        budget=Budget([LayersLimit(18), ParamsLimit(1_000_000, num_classes=100)]),
        start=Architecture.parse(START),
        iterations=options.iterations,
        population_size=64,
        in_flight=2 * WORKERS,
    )
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder, WorkerPool([setup.proxy], setup.seed, WORKERS, preload=["torch"]) as pool:
        killer = Killer(pool, options.kills)
        killer.start()
        iterations = 0
        while killer.is_alive() or iterations < options.iterations:  # Longer, if that was too short for all the kills.
            iterations += options.iterations
            disturbed = run_search(replace(setup, iterations=iterations), 0, Path(folder) / "disturbed.jsonl", ignore, pool)
        quiet = run_search(replace(setup, iterations=iterations), 0, Path(folder) / "quiet.jsonl", ignore)
    ended = f"{disturbed.iterations:,} iterations, {disturbed.accepted:,} accepted"
    row(f"a search, {len(killer.killed)} workers killed", ended, "it ends", disturbed.iterations == iterations)
    counted = pool.deaths
    row("deaths counted", f"{counted}", f"{options.kills}", counted == len(killer.killed) == options.kills)
    same = (disturbed.history, disturbed.ranked, disturbed.rejected) == (quiet.history, quiet.ranked, quiet.rejected)
    lost = disturbed.rejected[UNSCORABLE] - quiet.rejected[UNSCORABLE]
    row(
        "history and answer, against the undisturbed search",
        f"{'same' if same else 'other'}, {lost} lost",
        "same, 0 lost",
        same,
    )


if __name__ == "__main__":
    main()
