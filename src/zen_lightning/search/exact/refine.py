"""Dropping the blocks that no network as good as the best known one consists of, from coarse cells of the excess to fine."""

from zen_lightning.search.exact.arrays import Floats
from zen_lightning.search.exact.bound import Bound, Program
from zen_lightning.search.exact.course import TOLERANCE, Course, Priced
from zen_lightning.search.exact.enumeration import Enumeration
from zen_lightning.search.exact.first_cells import first_cells
from zen_lightning.search.exact.prices import improved
from zen_lightning.search.exact.problem import Problem
from zen_lightning.search.exact.pruning import Pruned, prune
from zen_lightning.search.exact.tilted import tilted

BEAM = 3_000
"""Partial networks kept for each node where a good network is enough. A choice: it changes how long a search takes, and no
result. benchmarks/exact_optimum.py measures the time, as for all sizes below."""

_GUESSED = 30_000
_DISTANCE = 0.04
_GUESS_CELLS = (32, 128)
"""With at most so many blocks left, a network is guessed to lie within this distance of the bound, then within twice the
distance, and so on, on these numbers of cells. A choice."""

_SMALL = 200_000
_PRICE_STEP = 0.03
"""With at most so many blocks times cells, prices are improved before each pass, by steps of so much of them. A choice."""


def refine(problem: Problem, course: Course, cells: tuple[int, ...], margin: float = 0.0) -> tuple[Program, Bound]:
    """Drop the blocks that occur in no network with a score within ``margin`` of the best known, from coarse cells to fine.

    Args:
        problem: the problem with all blocks.
        course: the best score and the prices, both of which are improved.
        cells: number of cells of the excess in each pass.
        margin: see above.

    Returns:
        the program of the remaining blocks on the finest cells, and its bound.
    """
    program = Program(problem, first_cells(problem))
    course.dropped.clear()
    counts = [1, *cells]
    for number, following in enumerate([*cells, 0]):
        if problem.size * counts[number] <= _SMALL and len(problem.costs):
            course.prices = _cheapest(program, course.prices)
        bound = program.solve(course.prices)
        course.bounded(bound.value, bound.prices)
        # Dropped networks score less than the threshold.
        course.bound = min(course.bound, max(bound.value, course.best - margin))
        course.tell("1 cell" if counts[number] == 1 else f"{counts[number]} cells", problem.size)
        if not following:
            break
        pruned = prune(program, bound, course.best - margin - TOLERANCE)
        is_close = counts[number] >= _GUESS_CELLS[0] or problem.size <= _GUESSED
        if number and is_close and bound.value - course.best > _DISTANCE:
            _guess(problem, pruned, bound.value, course)
        threshold = course.best - margin - TOLERANCE
        course.dropped.append(Priced(threshold, tuple(bound.prices.tolist())))
        problem = pruned.left_of(program, problem, threshold)
        program = Program(problem, pruned.cells(following))
    return program, bound


def _cheapest(program: Program, prices: Floats) -> Floats:
    """Return prices near the given ones under which the bound is lower."""
    return improved(lambda at: program.solve(at).value, prices, _PRICE_STEP)


def _guess(problem: Problem, pruned: Pruned, bound: float, course: Course) -> None:
    """Search for a better network: guess a score near the bound, drop what cannot reach it, and lower the guess until one is
    found.

    No network with at least the guessed score is dropped, so if one is found the best of the remaining ones is good.

    Args:
        problem: the problem with the remaining blocks.
        pruned: bounds of networks with each block.
        bound: bound of the problem.
        course: updated with the network.
    """
    distance = _DISTANCE
    while bound - distance > course.best:
        guess = bound - distance
        left, cells = problem.keep({slot: best >= guess for slot, best in pruned.best.items()}), pruned.cells(_GUESS_CELLS[0])
        for following in (*_GUESS_CELLS[1:], 0):
            if not left.is_complete:
                course.excluded(guess)
                break
            program = Program(left, cells)
            if len(problem.costs) and left.size * len(cells[0]) <= _SMALL:
                course.prices = _cheapest(program, course.prices)
            solved = program.solve(course.prices)
            if solved.value < guess:
                course.excluded(guess)
                break
            if following:
                closer = prune(program, solved, guess)
                left = left.keep({slot: best >= guess for slot, best in closer.best.items()})
                cells = closer.cells(following) if left.is_complete else cells
                continue
            found = Enumeration(program, tilted(program, solved), guess, BEAM).run()
            course.learn(left, found)
            if not found.cut and not len(found.score):
                course.excluded(guess)
        distance *= 2
