"""Short searches at several depths, to choose the depth by another measure than a score that grows with it."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from zen_lightning.budget import Budget, LayersLimit
from zen_lightning.errors import UserError
from zen_lightning.search.processes import executor_of, startable
from zen_lightning.search.run import Candidate, SearchSetup


def at_depth(setup: SearchSetup, layers: int) -> SearchSetup:
    """Return the search with this limit on layers, which replaces any that it has."""
    others = [limit for limit in setup.budget.limits if limit.name != LayersLimit.name]
    return replace(setup, budget=Budget([LayersLimit(layers), *others], setup.budget.shapes))


def best_at_depths(
    setup: SearchSetup, depths: Sequence[int], count: int = 1, restarts: int = 1, processes: int = 1
) -> list[list[Candidate]]:
    """Return the best distinct networks of searches under each limit on layers, best first; an empty list where none was found.

    Args:
        setup: the setup of every search, except for its limit on layers; each search scores in its own process.
        depths: limits on layers.
        count: the most networks of each search.
        restarts: number of searches under each limit.
        processes: number of searches at a time, each in a process; where none can be started, one after the other.

    Raises:
        UserError: a process died.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> from zen_lightning.budget import ParamsLimit
        >>> from zen_lightning.proxy.closed_form import ZenClosedForm
        >>> from zen_lightning.space import search_space
        >>> start = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)SuperConvK1BNRELU(16,64,1,1)")
        >>> limits = Budget([ParamsLimit(50_000, 10)])
        >>> setup = SearchSetup(search_space("resnet"), ZenClosedForm(32), limits, start, iterations=200, population_size=20)
        >>> (shallow,), (deep,) = best_at_depths(setup, [4, 8])
        >>> shallow.architecture.num_layers <= 4, shallow.score < deep.score
        (True, True)
    """
    jobs = [(at_depth(setup, layers), restart, count) for layers in depths for restart in range(restarts)]
    processes = startable(min(processes, len(jobs)))
    if processes == 1:
        found = [_best_of(*job) for job in jobs]
    else:
        with executor_of(processes) as pool:
            found = list(pool.map(_best_of, *zip(*jobs, strict=True)))
    together = [chain.from_iterable(found[at : at + restarts]) for at in range(0, len(found), restarts)]
    return [sorted(candidates, key=lambda candidate: -candidate.score) for candidates in together]


def _best_of(setup: SearchSetup, restart: int, count: int) -> list[Candidate]:
    if setup.budget.violated(setup.start) is not None:
        return []
    evolution = replace(setup, in_flight=1).evolution(restart)
    try:
        evolution.advance(setup.iterations)
    except UserError:  # Nothing fits.
        return []
    ranked = evolution.population.ranked(len(evolution.population.members))
    distinct = {member.architecture: member.score for member in ranked}  # A structure has one score, however often it occurs.
    return [Candidate(score, network) for network, score in list(distinct.items())[:count]]
