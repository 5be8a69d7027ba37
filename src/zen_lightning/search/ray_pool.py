"""A pool on a Ray cluster, https://docs.ray.io: the cores and GPUs of many machines."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from zen_lightning.errors import UserError
from zen_lightning.proxy.base import Proxy, Scorable
from zen_lightning.search.pool import Failure, Outcome, Pool, answer, opened
from zen_lightning.search.processes import limit_threads
from zen_lightning.search.worker_pool import MOST_DEATHS
from zen_lightning.system.ray_session import RaySession, imported_ray


class RayPool(Pool):
    """Scores in Ray tasks, on a cluster or on this machine.

    The cluster is the one that RAY_ADDRESS names, or one that runs on this machine, or a new local one, which ends with the
    pool. A network whose worker or machine died is submitted again; after three deaths it has no score.

    Args:
        proxies: the proxies to choose from; every machine reads them once, and must have their packages installed.
        seed: their seed.
        threads: threads of torch in each task, which are also the cores that a task takes.
        gpu: whether each task takes a GPU.
        preload: modules to import before a score is timed.

    Raises:
        MissingExtraError: Ray is not installed.
        UserError: the cluster cannot be used, or has no room for a single task.
    """

    def __init__(
        self, proxies: Sequence[Proxy], seed: int = 0, threads: int = 1, gpu: bool = False, preload: Sequence[str] = ()
    ) -> None:
        ray = imported_ray("scoring on a Ray cluster")
        self._ray = ray
        self._connection = RaySession(ray, "workers=ray")
        self._started = not ray.is_initialized()
        if self._started:
            self._connection.start()
        resources = ray.cluster_resources()
        self.slots = int(resources.get("GPU", 0) if gpu else resources.get("CPU", 0) // threads)
        if not self.slots:
            needed = "a GPU" if gpu else f"{threads} CPUs"
            raise UserError(f"no machine of the Ray cluster has {needed} for a candidate; it has {resources}", key="workers")
        # Retries are done here and not by Ray, so that deaths are counted.
        options = {"num_cpus": threads, "num_gpus": 1 if gpu else 0, "max_retries": 0}
        self._score = ray.remote(**options)(_score)
        self._proxies = ray.put(tuple(proxies))
        self._common = (seed, threads, tuple(preload))
        self._next = 0
        self._deaths = 0
        self._tasks: dict[int, _Task] = {}

    @property
    def deaths(self) -> int:
        """Number of workers that are known to have died so far."""
        return self._deaths

    def submit(self, architecture: Scorable, which: int = 0) -> int:
        """Submit a network to the cluster; see :meth:`Pool.submit`."""
        ticket = self._next
        self._next = ticket + 1
        self._tasks[ticket] = _Task(architecture, which)
        self._send(self._tasks[ticket])
        return ticket

    def result(self, ticket: int) -> Outcome:
        """Wait for the outcome of a ticket; see :meth:`Pool.result`."""
        task = self._tasks[ticket]
        while True:
            reply = self._reply(task)
            if reply is not None:
                del self._tasks[ticket]
                return opened(reply)

    def finished(self) -> Iterator[tuple[int, Outcome]]:
        """Yield (ticket, outcome) as they are done; see :meth:`Pool.finished`."""
        while self._tasks:
            tickets = {task.reference: ticket for ticket, task in self._tasks.items()}
            ready, _ = self._ray.wait(list(tickets), num_returns=1)
            ticket = tickets[ready[0]]
            reply = self._reply(self._tasks[ticket])
            if reply is not None:
                del self._tasks[ticket]
                yield ticket, opened(reply)

    def close(self) -> None:
        """Cancel open tickets, and disconnect from the cluster."""
        for task in self._tasks.values():
            self._ray.cancel(task.reference, force=True)
        self._tasks.clear()
        if self._started:
            self._connection.end()

    def _send(self, task: "_Task") -> None:
        task.reference = self._score.remote(self._proxies, task.which, task.architecture, *self._common)

    def _reply(self, task: "_Task") -> Outcome | Failure | None:
        """Wait for a task; return None if its worker died and the task was sent again."""
        errors = self._ray.exceptions
        try:
            reply: Outcome | Failure = self._ray.get(task.reference)
            return reply
        except errors.RayTaskError as error:
            return Failure(None, str(error))
        except errors.RayError:
            self._deaths += 1
            task.deaths += 1
            if task.deaths >= MOST_DEATHS:
                return Outcome(None, 0.0, f"the process that scored it died {MOST_DEATHS} times")
            self._send(task)
            return None


class _Task:
    """A submitted network, and the number of workers that died while scoring it."""

    def __init__(self, architecture: Scorable, which: int) -> None:
        self.architecture = architecture
        self.which = which
        self.deaths = 0
        self.reference: Any = None


def _score(
    proxies: tuple[Proxy, ...], which: int, architecture: Scorable, seed: int, threads: int, preload: tuple[str, ...]
) -> Outcome | Failure:
    limit_threads(threads)
    for module in preload:
        import_module(module)
    return answer(proxies, which, architecture, seed)
