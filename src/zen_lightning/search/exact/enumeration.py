"""Label setting: the enumeration, starting at the image, of every partial network that can still reach a threshold."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from zen_lightning.search.exact.any_cost import best_of_any_cost
from zen_lightning.search.exact.beam import SPARE, Beam, TooManyError
from zen_lightning.search.exact.bound import Bound, Program
from zen_lightning.search.exact.complete import Complete, completed
from zen_lightning.search.exact.extension import Extension
from zen_lightning.search.exact.labels import Labels, undominated
from zen_lightning.search.exact.trail import Trail


class Enumeration:
    """All networks that score at least a threshold, except those dominated by another network.

    Args:
        program: the program whose blocks are combined.
        bounds: its solutions under several prices, which all bound the gain of completions, the lowest first; see
            :func:`~zen_lightning.search.exact.tilted.tilted`.
        threshold: a score.
        most: number of partial networks kept for each node and state, the most promising ones; None keeps all.
        gives_up: whether to end with nothing where there are more, instead of keeping the most promising ones.
        returned: the most complete networks to return, the best ones.
        limited: whether the limits hold. If not, networks of every cost are found whose score, less the price of their cost
            beyond the limit, reaches the threshold, and those are returned that no other beats in score and every cost.
    """

    def __init__(
        self,
        program: Program,
        bounds: Sequence[Bound],
        threshold: float,
        most: int | None = None,
        gives_up: bool = False,
        returned: int = 10_000,
        limited: bool = True,
    ) -> None:
        self.program = program
        self.problem = program.problem
        self.bound = bounds[0]
        self.returned = returned
        self.limited = limited
        self.beam = Beam(threshold, most, gives_up)
        self._extension = Extension(program, bounds, self.beam, limited)
        self._trail = Trail(sorted(self.problem.options))

    def run(self) -> Complete:
        """Return the networks, best first."""
        try:
            return self._run()
        except TooManyError:
            none = np.zeros(0)
            return Complete(none, np.zeros((0, len(self.problem.costs)), np.int64), [], len(self._trail), True)

    def _run(self) -> Complete:
        problem = self.problem
        last = problem.steps - 1
        states = problem.chain.states
        here: dict[int, list[Labels]] = {states.first: [self._image()]}
        done: list[Labels] = []
        for step in range(-1, problem.steps):
            ahead: dict[int, list[Labels]] = {}
            for state in range(len(states) - 1, -1, -1):
                if state not in here:
                    continue
                labels, first = self._settle(here.pop(state), step)
                if (step, True) in problem.options:
                    for made, after in self._extension.extended(labels, first, (step, True), state):
                        here.setdefault(after, []).append(made)
                if step == problem.turn:
                    labels = replace(labels, score=labels.score + labels.bonus)
                if step == last:
                    if not states.ends(state):
                        continue
                    done.append(replace(labels, parent=first + np.arange(len(labels))))
                    continue
                for made, after in self._extension.extended(labels, first, (step + 1, False), state):
                    ahead.setdefault(after, []).append(made)
            here = ahead
        return self._complete(done)

    def _image(self) -> Labels:
        zero, none = np.zeros(1), np.zeros(1, np.int64)
        costs = np.zeros((1, len(self.problem.costs)), np.int64)
        gap = np.full(1, self.problem.score.first_gap)
        return Labels(none, zero, costs, none, none - 1, none, none, zero, excess=zero, gap=gap, bonus=zero)

    def _settle(self, parts: list[Labels], step: int) -> tuple[Labels, int]:
        """Return the partial networks kept at a node, and the number of the first in the trail."""
        self.beam.check(sum(map(len, parts)), SPARE)
        labels = self.beam.most_promising_by_cost(Labels.join(parts), self.bound.prices, SPARE)
        if step >= 0:
            slopes = self.program.slopes[step] if self.program.slopes else None
            labels = labels.take(undominated(labels, self.problem.score, slopes))
        self.beam.check(len(labels))
        labels = self.beam.most_promising_by_cost(labels, self.bound.prices)
        return labels, self._trail.record(labels)

    def _complete(self, done: list[Labels]) -> Complete:
        problem = self.problem
        labels = Labels.join(done) if done else self._image().take(np.zeros(0, np.int64))
        last = problem.steps - 1
        width = problem.arriving(last)[labels.row]
        cost = labels.cost + problem.of_classifier(width)
        score = labels.score + problem.score.end_of(width, labels.excess)
        if self.limited:
            fits = np.flatnonzero(np.all((cost <= self.program.limits) | self.problem.free, axis=1))
            order = fits[np.argsort(-score[fits], kind="stable")]
        else:
            keeps = np.flatnonzero(np.all((cost <= self.program.limits) | ~self.problem.signed | self.problem.free, axis=1))
            order = keeps[best_of_any_cost(score[keeps], cost[keeps][:, ~self.problem.signed])]
            # Of too many, those that the prices prefer; the highest scores alone would all be above the limits.
            worth = score[order] - cost[order] @ self.bound.prices
            order = order[np.sort(np.argsort(-worth, kind="stable")[: self.returned])]
        return completed(problem, labels, order, self._trail, self.returned, self.beam.cut, score, cost)
