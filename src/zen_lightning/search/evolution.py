"""The evolutionary loop of Zen-NAS (arXiv 2102.01063, Algorithm 2): steady state, one child an iteration.

No torch, no Lightning, no files: everything it needs is handed in, the random generator too.
"""

import gc
import math
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from zen_lightning.arch import Architecture
from zen_lightning.budget import Budget
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import CannotScoreError, Proxy
from zen_lightning.search.population import Population
from zen_lightning.search.trace import Cloud, CloudPoint, HistoryRow, next_row
from zen_lightning.space import SearchSpace

_FOUNDERS = 10
_SCORE_DIGITS = 9
UNSCORABLE = "cannot score"
"""Under this name candidates are counted that the proxy could not score."""


class Evolution:
    """A search in progress. :meth:`advance` it, and read its state at any time.

    Scores are rounded to nine decimals: architectures whose scores are equal on paper then tie on every machine, whatever the
    last bit of its logarithm.

    Args:
        space: what a block may turn into.
        proxy: what to maximise.
        budget: what a candidate may cost.
        start: the first parent.
        rng: the only source of randomness of the search.
        population_size: members kept.
        max_tries: candidates after which an empty population is an error.
        score_seed: seed handed to the proxy, the same for every candidate: a structure has one score, however often it comes.

    Attributes:
        iteration: how many were done.
        accepted: candidates scored and appended.
        best: highest score so far, minus infinity before the first.
        new_points: points of the cloud since the journal's last record.
        rejected: why candidates were thrown away, and how many; the name of a limit, or :data:`UNSCORABLE`.

    Raises:
        UserError: the start is over the budget.
    """

    def __init__(
        self,
        space: SearchSpace,
        proxy: Proxy,
        budget: Budget,
        start: Architecture,
        rng: Random,
        population_size: int = 512,
        max_tries: int = 10_000,
        score_seed: int = 0,
    ) -> None:
        budget.check(start, "the start")
        self.space = space
        self.proxy = proxy
        self.budget = budget
        self.start = start
        self.rng = rng
        self.population_size = population_size
        self.max_tries = max_tries
        self.score_seed = score_seed
        self.iteration = 0
        self.accepted = 0
        self.best = -math.inf
        self.rejected: Counter[str] = Counter()
        self.population = Population()
        self.history: list[HistoryRow] = []
        self.cloud = Cloud()
        self.new_points: list[CloudPoint] = []

    def advance(self, iterations: int) -> None:
        """Do iterations until ``iterations`` are done in all.

        Raises:
            UserError: none of the first ``max_tries`` candidates fits the budget.
        """
        with _paused_collector():
            self._advance(iterations)

    def _advance(self, iterations: int) -> None:
        population, rng = self.population, self.rng
        members = population.members
        due = next_row(self.iteration)
        while self.iteration < iterations:
            while len(members) > self.population_size:
                population.drop_lowest()
            if len(members) <= _FOUNDERS:
                child = self.space.mutate(self.start, rng, 1)
            else:
                parent = members[int(rng.random() * len(members))]
                child = self.space.mutate(parent.architecture, rng, 2)
            self.iteration += 1
            self._consider(child.split())
            if self.iteration == due:
                if members:
                    self.history.append(self.row())
                due = next_row(due)

    def row(self) -> HistoryRow:
        """Return the row of the history for this moment; there must be a member. A member about to be dropped is left out."""
        scores = sorted([member.score for member in self.population.members])[-self.population_size :]
        mean = round(sum(scores) / len(scores), _SCORE_DIGITS)
        return HistoryRow(self.iteration, self.best, mean, scores[0], len(scores), self.accepted, self.rejected.total())

    def _consider(self, child: Architecture) -> None:
        limit = self.budget.violated(child)
        if limit is not None:
            self._reject(limit.name)
            return
        try:
            score = round(self.proxy.score(child, self.score_seed).value, _SCORE_DIGITS)
        except CannotScoreError as error:
            self._reject(UNSCORABLE, str(error))
            return
        if self.accepted % self.cloud.stride == 0:
            point = CloudPoint(self.iteration, score, child)
            self.cloud.add(point)
            self.new_points.append(point)
        self.population.append(child, score)
        self.accepted += 1
        if score > self.best:
            self.best = score

    def _reject(self, reason: str, detail: str = "") -> None:
        self.rejected[reason] += 1
        if not self.accepted and self.iteration >= self.max_tries:
            self.require_members(detail)

    def require_members(self, detail: str = "") -> None:
        """Raise a UserError that says why nothing was accepted, if nothing was."""
        if not self.accepted:
            counts = ", ".join(f"{name}: {count:,}" for name, count in self.rejected.most_common())
            raise UserError(
                f"none of the first {self.iteration:,} candidates could be used ({counts}{'; ' + detail if detail else ''}): "
                "raise the limit that rejects them, or choose another start"
            )


@contextmanager
def _paused_collector() -> Iterator[None]:
    """Keep Python's cycle collector from walking the remembered blocks again and again: nothing here makes cycles."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
