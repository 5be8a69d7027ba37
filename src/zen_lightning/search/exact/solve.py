"""The best network under limits, with a proof: bounds from coarse to fine, then every partial network that can still win."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.search.exact.arrays import Floats
from zen_lightning.search.exact.bound import Bound, Program
from zen_lightning.search.exact.cells import excess_cells
from zen_lightning.search.exact.chain import Chain
from zen_lightning.search.exact.costs import Cost
from zen_lightning.search.exact.enumeration import Complete, Enumeration
from zen_lightning.search.exact.extent import fitting_widths
from zen_lightning.search.exact.incumbent import few_widths, first_prices, promising
from zen_lightning.search.exact.networks import built, structure_key
from zen_lightning.search.exact.prices import lowest
from zen_lightning.search.exact.problem import Problem, problem_of
from zen_lightning.search.exact.pruning import Pruned, prune
from zen_lightning.search.exact.score import AdditiveScore
from zen_lightning.search.exact.widths import multiples_up_to

CELLS = (1, 8, 32, 128)
"""Cells of the excess, pass after pass, once the first pass has told how large it can be."""

MARGIN = 0.03
"""Networks that score so much less than the best are enumerated too: finalists come from them."""

_MARGIN_OF_A_FRONT = 0.045
"""The same where networks of every cost are wanted: the wider, the fewer limits have to be solved."""

TOLERANCE = 1e-6
"""Sums in another order, and tables against the closed form itself, differ by less."""

_BEAM = 3_000
_FIRST_BEAM = 75
_GUESSED = 30_000
_DISTANCE = 0.04
_GUESS_CELLS = (32, 128)
"""From so few blocks on, the best network is guessed so close to the bound, then twice as far, and so on; on so many cells."""

_SMALL = 200_000
"""From so few blocks times cells on prices are improved before each pass."""

_WIDER = 1.25
_MOST_LABELS = 150_000
"""Partial networks kept at a place with the same layers left: with more, the bound by prices is the bound."""

_FEW_LABELS = 3_000
"""Where there were so few partial networks, and too few structures came of them, more is enumerated."""


class Step(NamedTuple):
    """How far the search is.

    Attributes:
        what: is done.
        blocks: that are left, over all places of the chain.
        best: highest score of a network so far; None before the first.
        bound: at least the score of every network; None before the first.
    """

    what: str
    blocks: int
    best: float | None
    bound: float | None


class Found(NamedTuple):
    """A network.

    Attributes:
        architecture: the network.
        score: by the tables.
    """

    architecture: Architecture
    score: float


@dataclass(frozen=True)
class Solution:
    """What was found and proved.

    Attributes:
        networks: the best network first; then the best of every other structure that the enumeration met.
        every_cost: networks that cost more or less and are as good at their price, best first; if asked for.
        bound: at least the score of every network of the space within the limits, with widths up to ``widest``.
        dual_bound: the same by prices alone, before the enumeration.
        by_prices: the bound under ``prices`` alone: with less of a limit it is lower by the price of what is missing.
        prices: of each cost, by name.
        widest: widths were looked at up to here.
        labels: partial networks that were enumerated.
        steps: the course.
    """

    networks: list[Found]
    every_cost: list[Found]
    bound: float
    dual_bound: float
    by_prices: float
    prices: dict[str, float]
    widest: int
    labels: int
    steps: list[Step]

    @property
    def gap(self) -> float:
        """How much higher than the best network any other may score."""
        return self.bound - self.networks[0].score


@dataclass
class _Course:
    """Best network and bounds so far."""

    notify: Callable[[Step], None]
    prices: Floats
    steps: list[Step]
    best: float = -np.inf
    bound: float = np.inf

    def tell(self, what: str, blocks: int) -> None:
        best = None if self.best == -np.inf else self.best
        self.steps.append(Step(what, blocks, best, None if self.bound == np.inf else self.bound))
        self.notify(self.steps[-1])


def solve(
    chain: Chain,
    costs: tuple[Cost, ...],
    score: AdditiveScore,
    structures: int = 1,
    notify: Callable[[Step], None] = lambda step: None,
    widest: int | None = None,
    every_cost: bool = False,
) -> Solution:
    """Return the network of the highest score within limits, and a bound of all.

    Args:
        chain: the networks of the space.
        costs: that are limited, with their limits.
        score: to maximise.
        structures: so many networks whose blocks differ in more than widths are returned, if there are so many.
        notify: told after each step.
        every_cost: whether to return networks of other costs, too; with one cost only.
        widest: the largest width that is looked at; by default wider than what the best network uses by a quarter.

    Raises:
        UserError: no network keeps to the limits, or nothing limits the widths.
    """
    largest = fitting_widths(chain, costs, score)
    if largest is None:
        raise nothing_fits()
    limit = min(largest, widest or largest)
    course = _Course(notify, np.zeros(len(costs)), [])
    thin = few_widths(chain, multiples_up_to(limit, chain.fixed_widths), costs, score)
    course.prices = first_prices(thin)
    left, found = promising(thin, course.prices, _FIRST_BEAM)
    if not len(found.score):
        raise nothing_fits()
    course.best = float(found.score[0])
    course.tell("few widths", thin.size)
    used = max(block.out_channels for block in built(left, found.networks[0]).blocks if block.name not in chain.fixed_names)
    while True:
        width = min(limit, int(used * _WIDER) // 8 * 8 + 8)
        solution = _prove(chain, costs, score, structures, course, width, every_cost)
        used = max(max(_widths(network.architecture, chain)) for network in solution.networks)
        if width == limit or used < width:
            return solution
        used = 2 * width


def nothing_fits() -> UserError:
    """Return the error that no network of the space keeps to the limits."""
    remedy = "raise the limit, or choose a start with fewer blocks"
    return UserError("no network of the space keeps to the budget", key="budget", remedy=remedy)


def _widths(architecture: Architecture, chain: Chain) -> list[int]:
    widths = [8]
    for block in architecture.blocks:
        if block.name not in chain.fixed_names:
            widths += [block.out_channels, getattr(block, "bottleneck_channels", 8)]
    return widths


def _prove(
    chain: Chain, costs: tuple[Cost, ...], score: AdditiveScore, structures: int, course: _Course, width: int, every_cost: bool
) -> Solution:
    """Solve the problem with all widths up to one."""
    widths = multiples_up_to(width, chain.fixed_widths)
    every = np.arange(len(multiples_up_to(width)))
    problem = problem_of(chain, widths, costs, score, every, every)
    margin = _MARGIN_OF_A_FRONT if every_cost else MARGIN
    while True:
        course.bound = np.inf
        program, bound = refine(problem, course, CELLS, margin)
        dual = course.bound
        known = course.best
        sketch = Enumeration(program, bound, course.best, _BEAM).run()
        course.best = max([course.best, *sketch.score[:1].tolist()])
        if course.best > known + margin:
            continue  # Much more can be left out now.
        found = Enumeration(program, bound, course.best - (0.0 if every_cost else margin), _MOST_LABELS).run()
        networks = _distinct(program.problem, found, structures)
        course.best = max(course.best, networks[0].score)
        if len(networks) >= structures or found.labels > _FEW_LABELS or margin >= 1:
            break
        margin *= 4
    others = []
    if every_cost:
        free = Enumeration(program, bound, course.best - margin, limited=False).run()
        pairs = zip(free.score.tolist(), free.networks, strict=True)
        others = [Found(built(program.problem, network), score) for score, network in pairs]
    if not found.cut:
        course.bound = course.best + TOLERANCE
    course.tell(f"{found.labels:,} partial networks", program.problem.size)
    prices = {cost.name: float(price) for cost, price in zip(costs, course.prices, strict=True)}
    return Solution(
        networks, others, course.bound, max(dual, course.bound), bound.value, prices, width, found.labels, course.steps
    )


def _distinct(problem: Problem, found: Complete, structures: int) -> list[Found]:
    """Return the best networks whose blocks differ in more than widths, best first."""
    networks: dict[tuple[tuple[str, int], ...], Found] = {}
    for score, network in zip(found.score, found.networks, strict=True):
        if len(networks) >= structures:
            break
        key = structure_key(problem, network)
        if key not in networks:
            networks[key] = Found(built(problem, network), float(score))
    return list(networks.values())


def refine(problem: Problem, course: _Course, cells: tuple[int, ...], margin: float = 0.0) -> tuple[Program, Bound]:
    """Leave out the blocks that no network has that scores within ``margin`` of the best known, from coarse cells to fine.

    Args:
        problem: all blocks.
        course: best network known and prices, which are improved on the way.
        cells: of the excess, pass after pass.
        margin: see above.

    Returns:
        the program of what is left on the finest cells, and its bound.
    """
    program = Program(problem, [excess_cells(1)] * problem.steps)
    counts = [1, *cells]
    for number, following in enumerate([*cells, 0]):
        if problem.size * counts[number] <= _SMALL and len(problem.costs):
            course.prices = _cheapest(program, course.prices)
        bound = program.solve(course.prices)
        # A network that was left out scores less than the threshold.
        course.bound = min(course.bound, max(bound.value, course.best - margin))
        course.tell(f"{counts[number]} cells", problem.size)
        if not following:
            break
        pruned = prune(program, bound, course.best - margin - TOLERANCE)
        is_close = counts[number] >= _GUESS_CELLS[0] or problem.size <= _GUESSED
        if number and is_close and bound.value - course.best > _DISTANCE:
            _guess(problem, pruned, bound.value, course)
        threshold = course.best - margin - TOLERANCE
        problem = problem.keep({slot: values >= threshold for slot, values in pruned.best.items()})
        program = Program(problem, pruned.cells(following))
    return program, bound


def _cheapest(program: Program, prices: Floats) -> Floats:
    """Return prices near others under which the bound is lowest."""
    return lowest(lambda at: program.solve(at).value, prices, 1.06, 0.003)[0]


def _guess(problem: Problem, pruned: Pruned, bound: float, course: _Course) -> None:
    """Look for a better network: guess how close to the bound one is, see what is left, and guess lower until it is found.

    What scores at least a guess is not lost, so that a guess that is met tells how good the best network is.

    Args:
        problem: all blocks that are left.
        pruned: bounds of networks with each of them.
        bound: of the problem.
        course: takes the network.
    """
    distance = _DISTANCE
    while bound - distance > course.best:
        guess = bound - distance
        left, cells = problem.keep({slot: best >= guess for slot, best in pruned.best.items()}), pruned.cells(_GUESS_CELLS[0])
        for following in (*_GUESS_CELLS[1:], 0):
            if not left.is_complete:
                break
            program = Program(left, cells)
            if len(problem.costs) and left.size * len(cells[0]) <= _SMALL:
                course.prices = _cheapest(program, course.prices)
            solved = program.solve(course.prices)
            if solved.value < guess:
                break
            if following:
                closer = prune(program, solved, guess)
                left = left.keep({slot: best >= guess for slot, best in closer.best.items()})
                cells = closer.cells(following) if left.is_complete else cells
                continue
            found = Enumeration(program, solved, guess, _BEAM).run()
            course.best = max([course.best, *found.score[:1].tolist()])
        distance *= 2
