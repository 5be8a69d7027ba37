"""The evolutionary loop of Zen-NAS (arXiv 2102.01063, Algorithm 2): steady state, one child an iteration.

No torch, no Lightning, no files: the caller passes everything, including the random generator.
"""

import math
from collections import Counter, deque
from random import Random
from typing import Any, NamedTuple

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import Budget, LayersLimit
from zen_lightning.errors import UserError
from zen_lightning.proxy.base import Proxy, RankedProxy
from zen_lightning.search.local_pool import LocalPool
from zen_lightning.search.paused_collector import paused_collector
from zen_lightning.search.pool import Outcome, Pool
from zen_lightning.search.population import SCORE_DIGITS, Population
from zen_lightning.search.ranked_population import RankedPopulation
from zen_lightning.search.trace import Cloud, CloudPoint, HistoryRow, next_row
from zen_lightning.space import SearchSpace

FOUNDERS = 10
"""With at most so many members, candidates are mutations of the start at one position, as in the code released with Zen-NAS."""

_MOST_REASONS = 100
"""Different reasons of the proxy that are counted apart. A choice: reasons may hold numbers, and the journal writes them
all."""

_OTHER_REASONS = "other reasons"
_LAYERS = LayersLimit.name
UNSCORABLE = "cannot score"
"""Name under which candidates are counted that the proxy could not score."""


class Pending(NamedTuple):
    """A candidate that is being scored.

    Attributes:
        architecture: the candidate.
        ticket: its ticket in the pool.
    """

    architecture: BaseArchitecture
    ticket: int


class Evolution:
    """A search in progress. :meth:`advance` it, and read its state at any time.

    Scores are rounded to nine decimals, so that architectures with mathematically equal scores tie on every machine, whatever
    the last bit of its logarithm.

    With ``in_flight`` above 1 the next child is drawn while up to ``in_flight - 1`` candidates are still being scored. The
    history depends on the seed and on ``in_flight``, but not on the number or the speed of workers: results are taken in the
    order in which the candidates were submitted, each exactly when ``in_flight`` are pending, even if it is known earlier. So
    the results in the population when a child is drawn follow from the draws and the scores alone, and by induction so does the
    child. With 1 each score is taken at once, which is the serial search.

    Args:
        space: the search space, whose mutations make the candidates.
        proxy: the score to maximise.
        budget: the limits that candidates must keep.
        start: the first parent.
        rng: the only source of randomness of the search.
        population_size: number of members kept.
        max_tries: number of candidates after which an empty population is an error.
        score_seed: seed of the proxy, the same for every candidate, so that a structure has one score.
        in_flight: number of candidates submitted before the result of the first of them is taken.
        pool: the pool that scores by the proxy and the seed; by default this process scores.

    Attributes:
        iteration: number of candidates drawn so far.
        accepted: number of candidates scored and added to the population.
        pending: submitted candidates whose result has not been taken yet, oldest first.
        earlier_deaths: number of workers that died in earlier runs of this search.
        new_points: points of the cloud since the journal's last record.
        rejected: number of rejected candidates by reason: the name of a limit, or :data:`UNSCORABLE`.
        unscorable: number of candidates without a score, by the message of the proxy.
        max_layers: the limit on layers where it is the first of the budget, else infinite; deeper candidates are not made.

    Raises:
        UserError: the start is over the budget.
    """

    def __init__(
        self,
        space: SearchSpace[Any],
        proxy: Proxy,
        budget: Budget,
        start: BaseArchitecture,
        rng: Random,
        population_size: int = 512,
        max_tries: int = 10_000,
        score_seed: int = 0,
        in_flight: int = 1,
        pool: Pool | None = None,
    ) -> None:
        budget.check(start, "the start")
        self.space = space
        self.proxy = proxy
        self.budget = budget
        self.start = start
        self.rng = rng
        self.population_size = population_size
        self.max_tries = max_tries
        self.in_flight = in_flight
        self.pool = LocalPool([proxy], score_seed) if pool is None else pool
        self.iteration = 0
        self.accepted = 0
        self.pending: deque[Pending] = deque()
        self.earlier_deaths = 0
        self.rejected: Counter[str] = Counter()
        self.unscorable: Counter[str] = Counter()
        self.cloud = Cloud()
        self.population = RankedPopulation(proxy, self.cloud) if isinstance(proxy, RankedProxy) else Population()
        self.history: list[HistoryRow] = []
        self.new_points: list[CloudPoint] = []
        self._deaths_before = self.pool.deaths
        self._tried_start = False
        first = budget.limits[0] if budget.limits else None
        self.max_layers = first.maximum if type(first) is LayersLimit else math.inf

    @property
    def best(self) -> float:
        """The highest score in the population, which never falls; minus infinity before the first member.

        For a proxy that ranks within a set it is the highest at this moment, and moments cannot be compared.
        """
        return max([member.score for member in self.population.members], default=-math.inf)

    @property
    def worker_deaths(self) -> int:
        """Number of workers that died, in all runs of this search together."""
        return self.earlier_deaths + self.pool.deaths - self._deaths_before

    def advance(self, iterations: int) -> None:
        """Continue until ``iterations`` iterations are done in total.

        Raises:
            UserError: none of the first ``max_tries`` candidates fits the budget.
        """
        with paused_collector():
            self._advance(iterations)

    def child(self) -> BaseArchitecture | None:
        """Draw the next candidate, split; None where it is too deep for a budget that bounds the layers first."""
        members, space = self.population.members, self.space
        founding = len(members) <= FOUNDERS
        parent = self.start if founding else members[int(self.rng.random() * len(members))].architecture
        child: BaseArchitecture | None = space.child(parent, self.rng, 1 if founding else space.step, self.max_layers)
        return child

    def submit(self, child: BaseArchitecture) -> None:
        """Submit a candidate to the pool; its result is taken later."""
        self.pending.append(Pending(child, self.pool.submit(child)))

    def drain(self) -> None:
        """Take all pending results at the end of the search. A longer search does not pass through this state."""
        while self.pending:
            self._make_room()
            self._take()

    def _advance(self, iterations: int) -> None:
        members, size = self.population.members, self.population_size
        due = next_row(self.iteration)
        while self.iteration < iterations:
            if len(members) > size:
                self._make_room()
            child = self.child()
            self.iteration += 1
            if child is None:
                self._reject(_LAYERS)
            else:
                self._consider(child)
            if self.iteration == due:
                if members:
                    self.history.append(self.row())
                due = next_row(due)

    def row(self) -> HistoryRow:
        """Return the history row of this moment, which needs a member. A member about to be dropped is not counted."""
        scores = self.population.best_scores(self.population_size)
        mean = round(sum(scores) / len(scores), SCORE_DIGITS)
        return HistoryRow(self.iteration, scores[-1], mean, scores[0], len(scores), self.accepted, self.rejected.total())

    def _make_room(self) -> None:
        while len(self.population.members) > self.population_size:
            self.population.drop_lowest()

    def _consider(self, child: BaseArchitecture) -> None:
        limit = self.budget.violated(child)
        if limit is not None:
            self._reject(limit.name)
        elif self.in_flight == 1 and not self.pending:
            self._add(child, self.pool.score(child))
        else:
            self.submit(child)
            while len(self.pending) >= self.in_flight:
                self._take()

    def _take(self) -> None:
        """Wait for the result of the oldest pending candidate, and add it to the population."""
        outcome = self.pool.result(self.pending[0].ticket)
        self._add(self.pending.popleft().architecture, outcome)

    def _add(self, child: BaseArchitecture, outcome: Outcome) -> None:
        """Add a scored candidate to the population, or count why it has no score."""
        if outcome.score is None:
            known = outcome.error in self.unscorable or len(self.unscorable) < _MOST_REASONS
            self.unscorable[outcome.error if known else _OTHER_REASONS] += 1
            self._reject(UNSCORABLE)
            return
        member = self.population.append(child, round(outcome.score.value, SCORE_DIGITS), outcome.score.parts)
        if self.accepted % self.cloud.stride == 0:
            point = CloudPoint(self.iteration, member.score, child, outcome.score.parts)
            self.cloud.add(point)
            self.new_points.append(point)
        self.accepted += 1

    def _reject(self, reason: str) -> None:
        self.rejected[reason] += 1
        if not self.accepted and self.iteration >= self.max_tries:
            if self.pending:
                self._take()  # One of the pending candidates may be accepted.
            else:
                self.require_members()

    def require_members(self) -> None:
        """Take the start into the population if no candidate has been accepted: it may be the only network that fits.

        It counts instead of a rejected candidate.

        Raises:
            UserError: the proxy cannot score the start either; with the reasons.
        """
        if not self.accepted and not self._tried_start:
            self._tried_start = True
            self.rejected[self.rejected.most_common(1)[0][0]] -= 1
            self.submit(self.start)
            self._take()
        if self.accepted:
            return
        counts = ", ".join(f"{name}: {count:,}" for name, count in self.rejected.most_common())
        refused = f"none of the first {self.iteration:,} candidates could be used ({counts}"
        reason = self.unscorable.most_common(1)[0][0] if self.unscorable else ""
        if self.rejected.keys() == {UNSCORABLE}:
            raise UserError(f"{refused})", remedy=reason)
        remedy = "raise the limit that rejects them, or choose another start"
        raise UserError(f"{refused}{'; ' if reason else ''}{reason})", remedy=remedy)
