"""The optimum under each of several limits on layers."""

from collections.abc import Sequence
from typing import NamedTuple

from zen_lightning.errors import UserError
from zen_lightning.search.depths import at_depth
from zen_lightning.search.exact.request import request_of
from zen_lightning.search.exact.solve import solve
from zen_lightning.search.processes import executor_of, startable
from zen_lightning.search.run import Candidate, SearchSetup
from zen_lightning.search.time_limit import TimeIsUpError, share_of, time_limit


class Optima(NamedTuple):
    """What was found under a limit on layers.

    Attributes:
        networks: the best of different structures, best first; none where none fits, or none was found in time.
        in_time: whether the proof is complete; if not, a limit on time ended it.
    """

    networks: list[Candidate]
    in_time: bool = True


def optima_at_depths(
    setup: SearchSetup,
    depths: Sequence[int],
    count: int,
    resolution: int,
    processes: int = 1,
    seconds: float | None = None,
) -> list[Optima]:
    """Return the best networks of different structures under each limit on layers.

    Args:
        setup: the setup, whose limit on layers is replaced.
        depths: limits on layers.
        count: networks of each limit, if there are as many.
        resolution: height and width of the images.
        processes: number of limits solved at a time, each in a process; where none can be started, one after the other.
        seconds: of all limits together, of which each has its share and gives the best that it finds in it; None for no limit.

    Raises:
        UserError: see :func:`~zen_lightning.search.exact.request.request_of`.
        TimeIsUpError: the time was up before any network was known.
    """
    processes = startable(min(processes, len(depths)))
    share = share_of(seconds, len(depths), processes)
    jobs = [(at_depth(setup, layers), count, resolution, share) for layers in depths]
    for under, *_ in jobs:
        request_of(under, resolution)
    if processes == 1:
        found = [_best_of(job) for job in jobs]
    else:
        with executor_of(processes, threads=1) as executor:
            found = list(executor.map(_best_of, jobs))
    if not any(one.networks for one in found) and not all(one.in_time for one in found):
        raise TimeIsUpError
    return found


def _best_of(job: tuple[SearchSetup, int, int, float | None]) -> Optima:
    setup, count, resolution, seconds = job
    request = request_of(setup, resolution)
    try:
        with time_limit(seconds):
            solution = solve(request.chain, request.costs, request.score, count)
    except UserError:  # Nothing fits.
        return Optima([])
    except TimeIsUpError:
        return Optima([], in_time=False)
    return Optima([Candidate(found.score, found.architecture) for found in solution.networks], solution.finished)
