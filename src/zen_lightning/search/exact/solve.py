"""The best network under limits, with a proof: bounds from coarse to fine, then all partial networks that can still win."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.search.exact.bound import Bound, Program
from zen_lightning.search.exact.chain import Chain
from zen_lightning.search.exact.complete import Complete
from zen_lightning.search.exact.costs import Cost
from zen_lightning.search.exact.course import TOLERANCE, Course, Found, Priced, Step
from zen_lightning.search.exact.enumeration import Enumeration
from zen_lightning.search.exact.extent import fitting_widths
from zen_lightning.search.exact.incumbent import few_widths, first_prices, promising
from zen_lightning.search.exact.means.enumeration import MeansEnumeration
from zen_lightning.search.exact.means.score import StageMeans
from zen_lightning.search.exact.means.solve import first_network, refine_means
from zen_lightning.search.exact.networks import built, structure_key
from zen_lightning.search.exact.problem import Problem, problem_of
from zen_lightning.search.exact.refine import BEAM, refine
from zen_lightning.search.exact.rules import NO_RULES
from zen_lightning.search.exact.score import AdditiveScore
from zen_lightning.search.exact.solution import Solution
from zen_lightning.search.exact.tilted import tilted
from zen_lightning.search.exact.widths import STEP, multiples_up_to
from zen_lightning.search.exact.zen import ZenTables
from zen_lightning.search.time_limit import TimeIsUpError

CELLS = (1, 8, 32, 128)
"""Cells of the excess in each pass after the first, which finds its range. A choice; docs/optimum.md has the bound and the
blocks left after each pass."""

MARGIN = 0.03
"""Distance below the best score within which networks are enumerated, to have finalists. A choice: four times as much where it
gives too few."""

_MARGIN_OF_MEANS = 0.001
"""Distance below the best score within which all networks are enumerated where the score averages over stages. A choice: scores
lie closer together there, and further structures need no proof; the most promising are looked for within MARGIN."""

_MARGIN_OF_A_FRONT = 0.045
"""The same for a front. A choice: the wider, the fewer limits need to be solved (docs/benchmarks.md, "A front of optima")."""

_FIRST_BEAM = 75
"""Partial networks kept for each node where any good network is enough. A choice, as :data:`BEAM`."""

_WIDER = 1.25
_WIDER_WITH_RULES = 2.0
"""Widths are searched up to so many times the largest width of the best networks, the second with rules or another score than
the Zen-score: under 600M FLOPs the best network of rising widths is 1.4 times as wide as one that nothing up to 1.2 times its
own width beats. A choice: it bounds what is proved, and results state it as ``widest``."""

_MOST_LABELS = 50_000
_FEW_OF_MANY = 5_000
"""Partial networks of a node and a number of layers left with which the enumeration gives up, and those kept in the search for
the best network that it then makes do with. A choice: more take minutes."""

_NEAR = 0.1
_FARTHER = 1.5
"""Distance of the first enumeration's threshold from the bound, and the factor by which it grows. A choice."""

_RETURNED, _RETURNED_OF_SEVERAL = 10_000, 200
"""Networks of other costs that each limit gives a front, under one cost and under several. A choice: those of several costs are
compared with each other, which takes time."""

_FEW_LABELS = 3_000
"""With at most so many partial networks, and too few structures among them, the margin is widened. A choice."""


def solve(
    chain: Chain,
    costs: tuple[Cost, ...],
    score: AdditiveScore,
    structures: int = 1,
    notify: Callable[[Step], None] = lambda step: None,
    widest: int | None = None,
    every_cost: bool = False,
) -> Solution:
    """Return the network with the highest score within limits, and an upper bound of all scores.

    Args:
        chain: the networks of the space.
        costs: the limited costs, with their limits.
        score: the score to maximise.
        structures: number of networks to return whose blocks differ in more than widths, if there are as many.
        notify: called after each step.
        every_cost: whether to also return networks of other costs.
        widest: the largest width to search; by default a quarter above the largest width of the best networks.

    Raises:
        UserError: no network is within the limits, or nothing limits the widths.
        TimeIsUpError: a time limit ended the search before it knew a network.
    """
    largest = fitting_widths(chain, costs, score)
    if largest is None:
        raise nothing_fits()
    limit = min(largest, widest or largest)
    course = Course(lambda step: notify(step.scaled(score.scale)), np.zeros(len(costs)), [])
    known: Solution | None = None
    width = limit
    try:
        used = _first(chain, limit, costs, score, course)
        is_plain = chain.rules == NO_RULES and isinstance(score, ZenTables) and not any(cost.signed for cost in costs)
        wider = _WIDER if is_plain else _WIDER_WITH_RULES
        while True:
            width = min(limit, int(used * wider) // 8 * 8 + 8)
            course.begin()
            known = _prove(chain, costs, score, structures, course, width, every_cost)
            used = max(max(_widths(network.architecture, chain)) for network in known.networks)
            if width == limit or used < width:
                return known.scaled(score.scale)
            used = 2 * width
    except TimeIsUpError:
        if course.seen is None:
            raise
        return _unfinished(course, costs, known, width, structures).scaled(score.scale)


def _first(chain: Chain, limit: int, costs: tuple[Cost, ...], score: AdditiveScore, course: Course) -> int:
    """Find a first network among those of few widths, and return its largest width."""
    if isinstance(score, StageMeans):
        thin, found = first_network(chain, limit, costs, score, course)
        left = thin
    else:
        thin = few_widths(chain, limit, costs, score)
        course.prices = first_prices(thin)
        # Whether a partial network can keep to a limit that later blocks lower is not seen early: more are kept then.
        is_late = any(cost.signed for cost in costs) and not score.has_least_end
        beam = BEAM if is_late else _FIRST_BEAM
        left, found = promising(thin, course.prices, beam)
    if not len(found.score):
        raise nothing_fits()
    course.learn(left, found)
    course.tell("few widths", thin.size)
    return max(_widths(built(left, found.networks[0]), chain))


def _unfinished(course: Course, costs: tuple[Cost, ...], known: Solution | None, width: int, structures: int) -> Solution:
    """Return what is known where the time is up: of these widths, or of narrower ones where nothing is proved of these yet."""
    assert course.seen is not None
    if known is not None and not course.priced:
        return replace(known, finished=False)
    problem, found = course.seen
    networks = _distinct(problem, found, structures, course)
    priced = course.priced or (Priced(np.inf, (0.0,) * len(costs)),)
    course.bound = min(course.bound, course.proved)
    course.tell("time is up", course.steps[-1].blocks)
    named = zip(costs, course.prices, strict=True)
    prices = {cost.label or cost.name: float(price) / cost.unit for cost, price in named if cost.limited}
    return Solution(networks, [], course.bound, course.bound, priced, prices, width, 0, course.steps, finished=False)


def nothing_fits() -> UserError:
    """Return the error that no network of the space is within the limits."""
    remedy = "raise the limit, or choose a start with fewer blocks"
    return UserError("no network of the space keeps to the budget", key="budget", remedy=remedy)


def _widths(architecture: Architecture, chain: Chain) -> list[int]:
    widths = [8]
    for block in architecture.blocks:
        if block.name not in chain.fixed_names:
            widths += [block.out_channels, getattr(block, "bottleneck_channels", 8)]
    return widths


def _prove(
    chain: Chain, costs: tuple[Cost, ...], score: AdditiveScore, structures: int, course: Course, width: int, every_cost: bool
) -> Solution:
    """Solve the problem with all widths up to one."""
    widths = multiples_up_to(width, chain.fixed_widths)
    every = widths.numbers(range(STEP, width + 1, STEP))
    problem = problem_of(chain, widths, costs, score, every, every)
    if isinstance(score, StageMeans):
        return _prove_means(problem, structures, course, width, every_cost)
    margin = _MARGIN_OF_A_FRONT if every_cost else MARGIN
    while True:
        course.repeat()
        program, bound = refine(problem, course, CELLS, margin)
        dual = course.bound
        known = course.best
        bounds = tilted(program, bound)
        sketch = Enumeration(program, bounds, course.best, BEAM).run()
        course.learn(program.problem, sketch)
        if course.best > known + margin:
            continue  # Many more blocks can be dropped now.
        found = _enumerated(program, bounds, course, 0.0 if every_cost else margin)
        course.learn(program.problem, found)
        networks = _distinct(program.problem, found, structures, course)
        if len(networks) >= structures or found.labels > _FEW_LABELS or margin >= 1:
            break
        margin *= 4
    others = []
    if every_cost:
        most, returned = _kept_of_every_cost(costs)
        free = Enumeration(program, [bound], course.best - margin, most, returned=returned, limited=False).run()
        others = _built(program.problem, free)
    last = Priced(bound.value + TOLERANCE, tuple(bound.prices.tolist()))
    return _solution(program.problem, course, networks, others, dual, last, width, found.labels)


def _prove_means(problem: Problem, structures: int, course: Course, width: int, every_cost: bool) -> Solution:
    """Solve a problem whose score averages over stages; arguments as of :func:`_prove`."""
    margin = _MARGIN_OF_A_FRONT if every_cost else MARGIN
    program, bound = refine_means(problem, course, margin)
    dual = course.bound
    proved = 0.0 if every_cost else _MARGIN_OF_MEANS
    found = MeansEnumeration(program, bound, course.best - proved, _MOST_LABELS).run()
    course.learn(program.problem, found)
    if not found.cut:
        course.bound = course.best + TOLERANCE
    networks = _distinct(program.problem, found, structures, course)
    if len(networks) < structures:
        near = MeansEnumeration(program, bound, course.best - margin, BEAM).run()
        networks = _distinct(program.problem, near, structures, course)
    others = []
    if every_cost:
        most, returned = _kept_of_every_cost(problem.costs)
        free = MeansEnumeration(program, bound, course.best - margin, most, returned=returned, limited=False).run()
        others = _built(program.problem, free)
    last = Priced(bound.value + TOLERANCE, tuple(bound.prices.tolist()))
    return _solution(program.problem, course, networks, others, dual, last, width, found.labels)


def _kept_of_every_cost(costs: tuple[Cost, ...]) -> tuple[int, int]:
    """Return how many partial networks of a node, and how many networks, are kept where networks of every cost are wanted."""
    one_cost = sum(not cost.signed for cost in costs) == 1
    return (_MOST_LABELS, _RETURNED) if one_cost else (BEAM, _RETURNED_OF_SEVERAL)


def _built(problem: Problem, found: Complete) -> list[Found]:
    pairs = zip(found.score.tolist(), found.networks, strict=True)
    return [Found(built(problem, network), score) for score, network in pairs]


def _solution(
    problem: Problem,
    course: Course,
    networks: list[Found],
    others: list[Found],
    dual: float,
    last: Priced,
    width: int,
    labels: int,
) -> Solution:
    course.bound = max(course.best, min(course.bound, course.proved))
    course.tell(f"{labels:,} partial networks", problem.size)
    named = zip(problem.costs, course.prices, strict=True)
    prices = {cost.label or cost.name: float(price) / cost.unit for cost, price in named if cost.limited}
    dual = max(dual, course.bound)
    return Solution(networks, others, course.bound, dual, (*course.dropped, last), prices, width, labels, course.steps)


def _enumerated(program: Program, bounds: list[Bound], course: Course, margin: float) -> Complete:
    """Return the networks within ``margin`` of the best, and lower the bound as far as that can be enumerated.

    Every enumeration of all networks above a threshold proves that no other reaches it. Thresholds fall from the bound, as the
    number of partial networks grows with the distance.

    Args:
        program: the remaining blocks.
        bounds: its solutions, the lowest first.
        course: the best score and the bound, both of which are improved.
        margin: see above.
    """
    distance = _NEAR
    while True:
        threshold = max(bounds[0].value - distance, course.best - margin)
        found = Enumeration(program, bounds, threshold, _MOST_LABELS, gives_up=True).run()
        if found.cut:
            if threshold < course.best:
                proof = Enumeration(program, bounds, course.best, _MOST_LABELS, gives_up=True).run()
                course.learn(program.problem, proof)
                course.bound = course.bound if proof.cut else course.best + TOLERANCE
            return Enumeration(program, bounds, course.best - margin, _FEW_OF_MANY).run()
        course.learn(program.problem, found)
        course.bound = max(course.best, min(course.bound, threshold)) + TOLERANCE
        if threshold <= course.best - margin:
            return found
        distance *= _FARTHER


def _distinct(problem: Problem, found: Complete, structures: int, course: Course) -> list[Found]:
    """Return the best networks whose blocks differ in more than widths, best first; the first is the best that is known."""
    networks: dict[tuple[tuple[str, int], ...], Found] = {}
    best = course.network
    if best is not None and (not len(found.score) or best.score > found.score[0]):
        networks[tuple((block.name, block.sub_layers) for block in best.architecture.blocks)] = best
    for score, network in zip(found.score, found.networks, strict=True):
        if len(networks) >= structures:
            break
        key = structure_key(problem, network)
        if key not in networks:
            networks[key] = Found(built(problem, network), float(score))
    return list(networks.values())
