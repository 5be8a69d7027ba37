"""The backward program over stages: upper bounds of the gain of any completion, under prices of the costs.

With the totals of a stage chosen, its blocks add up, so a stage is a program of its own for each of them: its state is the
step, the width and the totals that are still to come. Between stages the state is the width and the layers left.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from zen_lightning.search.exact.arrays import NEVER, Floats, Ints
from zen_lightning.search.exact.means.blocks import SlotBlocks
from zen_lightning.search.exact.means.score import NOTHING, StageMeans, Totals
from zen_lightning.search.exact.means.targets import stages_of_problem
from zen_lightning.search.exact.problem import Problem, Slot
from zen_lightning.search.time_limit import check_time

_AT_ONCE = 500_000
"""Sums that are formed together. A choice: it keeps them in the cache of a core."""

Values = dict[Totals, Floats]
"""By the totals still to come: values of shape (targets, rows, columns), a column being a number of layers after the stage."""


@dataclass
class MeansBound:
    """The solution of the program under given prices.

    Attributes:
        prices: price of each cost.
        value: upper bound of the score of every network within the limits.
        nodes: values after each step.
        entries: values before each stage, shape (rows, columns), a column being a number of layers left.
        tables: for each slot and kind, see :meth:`MeansProgram.table`.
    """

    prices: Floats
    value: float
    nodes: dict[int, Values]
    entries: list[Floats]
    tables: dict[tuple[Slot, int], Floats] = field(default_factory=dict)


class MeansProgram:
    """The program of a problem, to be solved for several prices.

    Args:
        problem: the problem to bound, whose score is a :class:`StageMeans`.
        targets: totals that each stage may have.

    Attributes:
        stages: the stages.
        slots: the blocks of each slot.
        coefficients: for each stage the factor of gains with each target, shape (targets,).
        constants: for each stage what each target adds besides, shape (targets,).
        lefts: for each stage the least number of layers after it, and the number of columns.
    """

    def __init__(self, problem: Problem, targets: Sequence[Sequence[Totals]]) -> None:
        score = problem.score
        assert isinstance(score, StageMeans)
        self.problem, self.score = problem, score
        self.targets = [list(of_stage) for of_stage in targets]
        self.stages = stages_of_problem(problem)
        self.slots = {slot: SlotBlocks(problem, slot) for slot in problem.options}
        self.coefficients: list[Floats] = []
        self.constants: list[Floats] = []
        self.lefts: list[tuple[int, int]] = []
        for stage, of_stage in zip(self.stages, self.targets, strict=True):
            last = stage is self.stages[-1]
            sums = [totals.weight + (score.closing_weight if last else 0) for totals in of_stage]
            factors = np.array([score.coefficient(stage.number, weight) for weight in sums])
            worth = np.array([score.worth(stage.number, totals) for totals in of_stage])
            self.coefficients.append(factors)
            self.constants.append(worth)
            most = problem.chain.layers - stage.before - stage.least
            self.lefts.append((0, 1) if last else (stage.after, max(0, most - stage.after) + 1))
        self._factors = [np.unique(factors) for factors in self.coefficients]
        self._rest: list[dict[tuple[int, Totals], dict[Totals, Ints]]] = []
        self._relevant: list[dict[tuple[int, Totals], Ints]] = []
        for place in range(len(self.stages)):
            by_done = self._relevance(place)
            self._rest.append(by_done)
            every: dict[tuple[int, Totals], list[int]] = {}
            for (node, _), by_rest in by_done.items():
                for rest, numbers in by_rest.items():
                    every.setdefault((node, rest), []).extend(numbers.tolist())
            self._relevant.append({key: np.unique(found) for key, found in every.items()})

    @property
    def limits(self) -> Floats:
        """The limit of each cost, less the cost that every network has; 0 for what has no limit."""
        return np.array([cost.maximum - cost.constant if cost.limited else 0.0 for cost in self.problem.costs], float)

    def columns(self, place: int) -> tuple[int, int]:
        """Return the least number of layers left before a stage, and the number of columns."""
        return (self.problem.chain.layers, 1) if not place else self.lefts[place - 1]

    def relevant(self, place: int, step: int, rest: Totals) -> Ints:
        """Return the targets of a stage that may have so much still to come after a step."""
        return self._relevant[place].get((step, rest), _NONE)

    def rest(self, place: int, step: int, done: Totals) -> dict[Totals, Ints]:
        """Return what may still come after so much of a stage at a step, with the targets of each."""
        return self._rest[place].get((step, done), {})

    def table(self, bound: MeansBound, place: int, slot: Slot, number: int, targets: Ints) -> Floats:
        """Return the value of the best block of a kind for some targets, each output and input, shape (targets, outs, rows)."""
        known = bound.tables.get((slot, number))
        factors = self._factors[place]
        if known is None:
            blocks = self.slots[slot]
            kind = blocks.kinds[number]
            gains, paid = blocks.gains(kind), blocks.paid(kind, bound.prices)
            known = np.empty((len(factors), len(kind.outs), len(blocks.reads)))
            for which, factor in enumerate(factors.tolist()):
                known[which] = np.maximum.reduceat(factor * gains - paid, kind.starts, axis=0)
            bound.tables[slot, number] = known
        return known[np.searchsorted(factors, self.coefficients[place][targets])]

    def solve(self, prices: Floats) -> MeansBound:
        """Return the bound under prices of the costs."""
        problem, last = self.problem, len(self.stages) - 1
        bound = MeansBound(prices, NEVER, {}, [])
        entry: Floats | None = None
        for place in range(last, -1, -1):
            values = self._through(bound, place, self._end(prices) if entry is None else self._ahead(place, entry))
            least, columns = self.columns(place)
            entry = np.full((len(problem.arriving(self.stages[place].steps[0] - 1)), columns), NEVER)
            after, count = self.lefts[place]
            for target, totals in enumerate(self.targets[place]):
                if totals not in values:
                    continue
                for column in range(count):
                    left = max(after + column + totals.layers - least, 0)
                    if left < columns:
                        value = values[totals][target, :, column] + self.constants[place][target]
                        entry[:, left] = np.maximum(entry[:, left], value)
            # A network need not use all layers that are left.
            entry = np.maximum.accumulate(entry, axis=1)
            bound.entries.insert(0, entry)
        assert entry is not None
        bound.value = float(entry[0, 0]) + self.score.constant + float(prices @ self.limits)
        return bound

    def _end(self, prices: Floats) -> Floats:
        """Return what the classifier adds, shape (targets, rows, 1)."""
        score, widths = self.score, self.problem.arriving(self.problem.steps - 1)
        paid = self.problem.of_classifier(widths) @ prices
        ends: Floats = (self.coefficients[-1][:, None] * score.closing(widths) - paid)[:, :, None]
        return ends

    def _ahead(self, place: int, entry: Floats) -> Floats:
        return np.broadcast_to(entry, (len(self.targets[place]), *entry.shape))

    def _through(self, bound: MeansBound, place: int, end: Floats) -> Values:
        """Return the values before a stage by all that is to come in it, and record those after each step."""
        values: Values = {NOTHING: end}
        for step in reversed(self.stages[place].steps):
            if (step, True) in self.slots:
                for rest in self.rising(values):
                    self._extend(bound, place, (step, True), rest, values[rest], values, step)
            bound.nodes[step] = values
            before: Values = {}
            for rest, value in values.items():
                self._extend(bound, place, (step, False), rest, value, before, step - 1)
            values = before
        return values

    @staticmethod
    def rising(values: Values) -> Iterator[Totals]:
        """Yield what is still to come from few layers to many, also what is added meanwhile."""
        done = 0
        while True:
            level = [rest for rest in values if rest.layers == done]
            if not level and done > max((rest.layers for rest in values), default=0):
                return
            yield from level
            done += 1

    def _extend(self, bound: MeansBound, place: int, slot: Slot, rest: Totals, value: Floats, into: Values, node: int) -> None:
        """Put a block of a slot before what is still to come."""
        for number, kind in enumerate(self.slots[slot].kinds):
            more = rest.plus(kind.counts)
            relevant = self.relevant(place, node, more)
            if not len(relevant):
                continue
            check_time()
            table = self.table(bound, place, slot, number, relevant)
            found = best_sums(table, value[relevant][:, kind.outs])
            if more not in into:
                into[more] = np.full((len(self.targets[place]), *found.shape[1:]), NEVER)
            into[more][relevant] = np.maximum(into[more][relevant], found)

    def _relevance(self, place: int) -> dict[tuple[int, Totals], dict[Totals, Ints]]:
        """Return by node and by what is done of a stage there what is still to come, with the targets of each."""
        steps = self.stages[place].steps
        most = max((totals.layers for totals in self.targets[place]), default=0)
        sums: dict[int, set[Totals]] = {steps[0] - 1: {NOTHING}}
        for step in steps:
            at = {one.plus(kind.counts) for one in sums[step - 1] for kind in self.slots[step, False].kinds}
            new = at
            while new and (step, True) in self.slots:
                new = {one.plus(kind.counts) for one in new for kind in self.slots[step, True].kinds} - at
                new = {one for one in new if one.layers <= most}
                at = at | new
            sums[step] = at
        found: dict[tuple[int, Totals], dict[Totals, Ints]] = {}
        for node, at in sums.items():
            for done in at:
                check_time()
                by_rest: dict[Totals, list[int]] = {}
                for target, totals in enumerate(self.targets[place]):
                    rest = totals.less(done)
                    if min(rest) >= 0:
                        by_rest.setdefault(rest, []).append(target)
                found[node, done] = {rest: np.array(targets) for rest, targets in by_rest.items()}
        return found


_NONE = np.zeros(0, np.int64)


def best_sums(table: Floats, values: Floats) -> Floats:
    """Return the best sum over the middle axis.

    Args:
        table: shape (targets, outs, rows).
        values: shape (targets, outs, columns).

    Returns:
        shape (targets, rows, columns).
    """
    targets, outs, rows = table.shape
    columns = values.shape[2]
    size = max(1, _AT_ONCE // max(1, targets * rows * columns))
    found: Floats | None = None
    for start in range(0, outs, size):
        part = slice(start, start + size)
        best = (table[:, part, :, None] + values[:, part, None, :]).max(axis=1)
        found = best if found is None else np.maximum(found, best, out=found)
    assert found is not None
    return found
