"""The course of a proof: the best network and the bound so far."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from zen_lightning.arch import Architecture
from zen_lightning.search.exact.arrays import Floats
from zen_lightning.search.exact.complete import Complete
from zen_lightning.search.exact.networks import built
from zen_lightning.search.exact.problem import Problem

TOLERANCE = 1e-6
"""Larger than the rounding of sums in another order, and than the difference of tables and closed form. A choice."""


class Step(NamedTuple):
    """A step of the course of a proof.

    Attributes:
        what: the pass that was done.
        blocks: number of blocks left, over all places of the chain.
        best: highest score of a network so far; None before the first.
        bound: upper bound of all scores; None before the first.
    """

    what: str
    blocks: int
    best: float | None
    bound: float | None

    def scaled(self, scale: float) -> "Step":
        """Return the step with scores multiplied by a scale."""
        if scale == 1:
            return self
        best, bound = (None if score is None else scale * score for score in (self.best, self.bound))
        return self._replace(best=best, bound=bound)


class Found(NamedTuple):
    """A network with its score.

    Attributes:
        architecture: the network.
        score: its score by the tables.
    """

    architecture: Architecture
    score: float


class Priced(NamedTuple):
    """A bound of the score at the limits, and how it falls below them.

    Attributes:
        value: the bound at the limits.
        prices: what it falls by for each unit of each cost.
    """

    value: float
    prices: tuple[float, ...]


@dataclass
class Course:
    """The best network and the bound so far.

    Attributes:
        notify: called with each step.
        prices: price of each cost.
        steps: the steps so far.
        best: highest score of a network.
        bound: upper bound of all scores.
        proved: the lowest bound of passes that were repeated since, and of guesses that no network reaches.
        network: the network of the highest score.
        dropped: what networks with blocks that were dropped score at most.
        priced: the bound so far and how it falls below the limits; empty before the first bound.
        seen: the last networks that were enumerated, and their problem.
    """

    notify: Callable[[Step], None]
    prices: Floats
    steps: list[Step]
    best: float = -np.inf
    bound: float = np.inf
    proved: float = np.inf
    network: Found | None = None
    dropped: list[Priced] = field(default_factory=list)
    priced: tuple[Priced, ...] = ()
    seen: tuple[Problem, Complete] | None = None

    def learn(self, problem: Problem, found: Complete) -> None:
        """Keep the best network of an enumeration, if it is better than all before.

        Args:
            problem: the problem whose blocks were enumerated.
            found: the networks, best first.
        """
        if len(found.score):
            self.seen = problem, found
        if len(found.score) and found.score[0] > self.best:
            self.best = float(found.score[0])
            self.network = Found(built(problem, found.networks[0]), self.best)

    def begin(self) -> None:
        """Forget the bound: it held for fewer widths than those that are searched next."""
        self.bound = self.proved = np.inf
        self.priced = ()

    def repeat(self) -> None:
        """Begin the passes over the same blocks again, with another network or margin."""
        self.proved = min(self.proved, self.bound)
        self.bound = np.inf

    def excluded(self, score: float) -> None:
        """Record that no network reaches a score."""
        self.proved = min(self.proved, score + TOLERANCE)

    def bounded(self, bound: float, prices: Floats) -> None:
        """Record a bound under some prices of all networks of the blocks that are left."""
        self.priced = (*self.dropped, Priced(bound + TOLERANCE, tuple(prices.tolist())))

    def tell(self, what: str, blocks: int) -> None:
        """Record a step.

        Args:
            what: the pass that was done.
            blocks: number of blocks left.
        """
        best = None if self.best == -np.inf else self.best
        self.steps.append(Step(what, blocks, best, None if self.bound == np.inf else self.bound))
        self.notify(self.steps[-1])
