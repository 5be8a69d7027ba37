"""Small budgets drawn at random: each ends with a network within it, or with the smallest that the space reaches.

    python benchmarks/small_budgets.py               40 budgets, each by search, front and exact optimiser: some minutes
    python benchmarks/small_budgets.py --budgets 8   fewer
    python benchmarks/small_budgets.py --first 8     the others

Parameters 20k to 1M and FLOPs 2M to 600M, both log-uniform, 32 to 224 px, 2 to 100 classes, the spaces ``resnet`` and
``mobilenet`` in turn. Searches are short (2,000 candidates): what counts is that each begins and ends. A refusal is checked:
20,000 mutations of the network that is named as the smallest find none that comes closer to the limits.
"""

import argparse
import time
from random import Random
from typing import Any, NamedTuple

import zen_lightning as zl
from common import header, row
from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import Budget as Limits
from zen_lightning.errors import UserError
from zen_lightning.search.thinning import BudgetTooSmallError
from zen_lightning.space import search_space

SPACES = ("resnet", "mobilenet")
LAYERS = 14


class Drawn(NamedTuple):
    """A budget that was drawn."""

    space: str
    params: int
    flops: int
    resolution: int
    num_classes: int

    @property
    def budget(self) -> zl.Budget:
        return zl.Budget(params=self.params, flops=self.flops, layers=LAYERS)

    @property
    def limits(self) -> Limits:
        return self.budget.limits(self.resolution, self.num_classes)


def draw(count: int, seed: int = 0) -> list[Drawn]:
    """Return budgets, the same for the same seed."""
    rng = Random(f"small budgets/{seed}")
    return [
        Drawn(
            SPACES[number % len(SPACES)],
            round(20e3 * 50 ** rng.random()),
            round(2e6 * 300 ** rng.random()),
            32 + int(rng.random() * 193),
            2 + int(rng.random() * 99),
        )
        for number in range(count)
    ]


def found_by(one: Drawn, task: str, iterations: int) -> list[BaseArchitecture]:
    """Return what a task finds under a budget."""
    settings: dict[str, Any] = {"space": one.space, "resolution": one.resolution, "num_classes": one.num_classes}
    if task == "front":
        front = zl.pareto(one.budget, iterations=iterations, objectives=["flops", "params"], **settings)
        return [point.architecture for point in front.points]
    optimizer = "exact" if task == "exact" else "evolution"
    found = zl.search(one.budget, iterations=iterations, finalists=0, optimizer=optimizer, **settings)
    return [found.architecture]


def excess(limits: Limits, architecture: BaseArchitecture) -> float:
    """Return how far a network is over its limits, relative to them."""
    return sum(max(0.0, limit.measure(architecture) / limit.maximum - 1) for limit in limits.limits)


def is_smallest(one: Drawn, smallest: BaseArchitecture, tries: int) -> bool:
    """Whether a walk of mutations from a network, which may go up a little, finds none closer to the limits."""
    rng, space, at = Random("walk"), search_space(one.space), smallest
    least = excess(one.limits, smallest)
    for _ in range(tries):
        child = space.mutate(at, rng, 2).split()
        now = excess(one.limits, child)
        if now < least - 1e-12:
            return False
        if now < 1.5 * least + 0.5:
            at = child
    return True


def outcome(one: Drawn, task: str, iterations: int, tries: int) -> str:
    """Return ``within`` or ``smallest`` where a task does what it should, else what went wrong."""
    try:
        networks = found_by(one, task, iterations)
    except BudgetTooSmallError as error:
        return "smallest" if is_smallest(one, error.smallest, tries) else f"{one}, {task}: a smaller one exists"
    except UserError as error:
        return f"{one}, {task}: {error}"
    over = [network for network in networks if one.limits.violated(network) is not None]
    return f"{one}, {task}: {len(over)} over the budget" if over or not networks else "within"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--budgets", type=int, default=40)
    parser.add_argument("--first", type=int, default=0, help="number of the first that is tried")
    parser.add_argument("--iterations", type=int, default=2_000)
    parser.add_argument("--tries", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tasks", nargs="+", default=["search", "front", "exact"])
    options = parser.parse_args()
    header()
    drawn = draw(options.budgets, options.seed)[options.first :]
    for task in options.tasks:
        began = time.perf_counter()
        outcomes = []
        for number, one in enumerate(drawn, options.first):
            outcomes.append(outcome(one, task, options.iterations, options.tries))
            print(f"  {task} {number}: {outcomes[-1]}", flush=True)  # Each at once: the exact optimiser may take minutes.
        within, smallest = outcomes.count("within"), outcomes.count("smallest")
        measured = f"{within} within, {smallest} refused with the smallest reachable cost, {time.perf_counter() - began:.0f} s"
        row(f"{task}, {len(drawn)} budgets", measured, "all of them", within + smallest == len(drawn))


if __name__ == "__main__":
    main()
