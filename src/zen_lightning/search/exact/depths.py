"""The optimum under each of several limits on layers."""

from collections.abc import Sequence

from zen_lightning.errors import UserError
from zen_lightning.search.depths import at_depth
from zen_lightning.search.exact.request import request_of
from zen_lightning.search.exact.solve import solve
from zen_lightning.search.processes import executor_of
from zen_lightning.search.run import Candidate, SearchSetup


def optima_at_depths(
    setup: SearchSetup, depths: Sequence[int], count: int, resolution: int, processes: int = 1
) -> list[list[Candidate]]:
    """Return the best networks of different structures under each limit on layers, best first; an empty list where none fits.

    Args:
        setup: the setup, whose limit on layers is replaced.
        depths: limits on layers.
        count: networks of each limit, if there are as many.
        resolution: height and width of the images.
        processes: number of limits solved at a time.

    Raises:
        UserError: see :func:`~zen_lightning.search.exact.request.request_of`.
    """
    jobs = [(at_depth(setup, layers), count, resolution) for layers in depths]
    for under, _, _ in jobs:
        request_of(under, resolution)
    if processes == 1 or len(jobs) == 1:
        return [_best_of(job) for job in jobs]
    with executor_of(min(processes, len(jobs)), threads=1) as executor:
        return list(executor.map(_best_of, jobs))


def _best_of(job: tuple[SearchSetup, int, int]) -> list[Candidate]:
    setup, count, resolution = job
    request = request_of(setup, resolution)
    try:
        solution = solve(request.chain, request.costs, request.score, count)
    except UserError:  # Nothing fits.
        return []
    return [Candidate(found.score, found.architecture) for found in solution.networks]
