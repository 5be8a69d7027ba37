"""The forward program over stages: bounds of the score of networks with a given block or with given totals of a stage."""

from dataclasses import dataclass

import numpy as np

from zen_lightning.search.exact.arrays import NEVER, Floats
from zen_lightning.search.exact.means.program import MeansBound, MeansProgram, Values, best_sums
from zen_lightning.search.exact.means.score import NOTHING, Totals
from zen_lightning.search.exact.problem import Problem, Slot
from zen_lightning.search.time_limit import check_time


@dataclass(frozen=True)
class MeansPruned:
    """Bounds of the score of parts of networks.

    Attributes:
        blocks: for each block of each slot, a bound of the score of all networks that contain it.
        targets: for each stage and each of its targets, a bound of the score of all networks with these totals.
    """

    blocks: dict[Slot, Floats]
    targets: list[Floats]

    def keep(self, program: MeansProgram, threshold: float) -> tuple[Problem, list[list[Totals]]]:
        """Return the blocks and totals of which networks with at least ``threshold`` can consist."""
        problem = program.problem.keep({slot: values >= threshold for slot, values in self.blocks.items()})
        targets = [
            [totals for totals, value in zip(of_stage, values.tolist(), strict=True) if value >= threshold]
            for of_stage, values in zip(program.targets, self.targets, strict=True)
        ]
        return problem, targets


def prune_means(program: MeansProgram, bound: MeansBound, threshold: float) -> MeansPruned:
    """Return bounds of the score of networks with each block, and with each of the totals of a stage.

    Args:
        program: program of the problem.
        bound: its solution under some prices.
        threshold: a score; of parts whose bound is lower, the bound may be minus infinity.
    """
    problem = program.problem
    pruned = MeansPruned({slot: np.full(len(options), NEVER) for slot, options in problem.options.items()}, [])
    base = program.score.constant + float(bound.prices @ program.limits)
    ahead = np.full((1, 1), base)
    for place, stage in enumerate(program.stages):
        least, columns = program.columns(place)
        after, count = program.lefts[place]
        # Layers that are left may stay unused.
        spare = np.maximum.accumulate(ahead[:, ::-1], axis=1)[:, ::-1]
        begun = np.full((len(program.targets[place]), len(ahead), count), NEVER)
        for target, totals in enumerate(program.targets[place]):
            for column in range(count):
                left = max(after + column + totals.layers - least, 0)
                if left < columns:
                    begun[target, :, column] = spare[:, left] + program.constants[place][target]
        reached: Values = {NOTHING: begun}
        for step in stage.steps:
            made: Values = {}
            pass_ = _Pass(program, bound, place, (step, False))
            for done in list(reached):
                pass_.extend(done, reached[done], made)
            best = pass_.bounds(pruned.blocks[step, False], threshold)
            if step == stage.steps[0]:
                pruned.targets.append(best)
            reached = made
            if (step, True) in program.slots:
                pass_ = _Pass(program, bound, place, (step, True))
                for done in MeansProgram.rising(reached):
                    pass_.extend(done, reached[done], reached)
                pass_.bounds(pruned.blocks[step, True], threshold)
        ends = [reached[totals][target] for target, totals in enumerate(program.targets[place]) if totals in reached]
        ahead = np.max(ends, axis=0) if ends else np.full((len(problem.rows(stage.steps[-1])), count), NEVER)
    return pruned


class _Pass:
    """The blocks of a slot between all that can come before and after them.

    Attributes:
        around: for each kind, the most that the rest of a network gains, by target, output and input.
    """

    def __init__(self, program: MeansProgram, bound: MeansBound, place: int, slot: Slot) -> None:
        self._program, self._bound, self._place, self._slot = program, bound, place, slot
        self._blocks = program.slots[slot]
        self._rows = len(program.problem.rows(slot[0]))
        targets, arriving = len(program.targets[place]), len(self._blocks.reads)
        self.around = [np.full((targets, len(kind.outs), arriving), NEVER) for kind in self._blocks.kinds]

    def extend(self, done: Totals, value: Floats, into: Values) -> None:
        """Put the blocks after what is done of the stage."""
        program, place, step = self._program, self._place, self._slot[0]
        count = len(program.targets[place])
        for number, kind in enumerate(self._blocks.kinds):
            check_time()
            more = done.plus(kind.counts)
            for rest, at in program.rest(place, step, more).items():
                if rest not in self._bound.nodes[step]:
                    continue
                table = program.table(self._bound, place, self._slot, number, at)
                arriving, following = value[at], self._bound.nodes[step][rest][at][:, kind.outs]
                if more not in into:
                    into[more] = np.full((count, self._rows, value.shape[2]), NEVER)
                found = best_sums(table.transpose(0, 2, 1), arriving)
                into[more][at[:, None], kind.outs] = np.maximum(into[more][at[:, None], kind.outs], found)
                around = (following[:, :, None, :] + arriving[:, None, :, :]).max(axis=3)
                self.around[number][at] = np.maximum(self.around[number][at], around)

    def bounds(self, best: Floats, threshold: float) -> Floats:
        """Raise ``best`` to the bound of each block where it reaches a threshold, and return that of each target."""
        program, place = self._program, self._place
        of_targets = np.full(len(program.targets[place]), NEVER)
        for number, (kind, around) in enumerate(zip(self._blocks.kinds, self.around, strict=True)):
            every = np.arange(len(of_targets))
            most = (program.table(self._bound, place, self._slot, number, every) + around).max(axis=2)
            of_targets = np.maximum(of_targets, most.max(axis=1))
            gains = self._blocks.gains(kind)
            paid = self._blocks.paid(kind, self._bound.prices)
            for target in np.flatnonzero(most.max(axis=1) >= threshold).tolist():
                check_time()
                chosen = np.flatnonzero((most[target] >= threshold)[kind.out])
                factor, beside = program.coefficients[place][target], around[target][kind.out[chosen]]
                reach = (factor * gains[chosen] - paid[chosen] + beside).max(axis=1)
                best[kind.which[chosen]] = np.maximum(best[kind.which[chosen]], reach)
        return of_targets
