"""The cells of the first pass over all blocks."""

import numpy as np

from zen_lightning.search.exact.cells import Cells, excess_cells, grid
from zen_lightning.search.exact.problem import Problem


def first_cells(problem: Problem) -> list[Cells]:
    """Return, for each step, one cell of any excess; for linear scores, the least and the most that the state can be there."""
    if not problem.score.is_linear:
        return [excess_cells(1)] * problem.steps
    states = problem.chain.states
    count = len(states)
    least, most = np.full(count, np.inf), np.full(count, -np.inf)
    least[states.first] = most[states.first] = 0.0
    found: list[Cells] = []
    for step in range(problem.steps):
        after = np.full(count, np.inf), np.full(count, -np.inf)
        for slot in problem.slots(step):
            before = after if slot[1] else (least, most)
            options = problem.options[slot]
            ranges = []
            for layers in np.unique(options.layers).tolist():
                adds = options.adds[options.layers == layers]
                ranges.append((states.after(slot, layers), float(adds.min()), float(adds.max())))
            # Extra blocks lead to a lower state of where they start: from high to low, all inputs are known.
            for state in range(count - 1, -1, -1):
                for following, low, high in ranges:
                    then = following[state]
                    if then >= 0:
                        after[0][then] = min(after[0][then], before[0][state] + low)
                        after[1][then] = max(after[1][then], before[1][state] + high)
        least, most = after
        cells = grid(1, float(least.min()), float(most.max()))
        found.append(cells.paired() if problem.score.has_least_end else cells)
    return found
