"""A pool of worker processes, in which one that dies is replaced."""

import multiprocessing
import pickle
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.context import SpawnContext
from typing import Any

from zen_lightning.errors import UserError
from zen_lightning.proxy.base import Proxy, Scorable
from zen_lightning.search.pool import Failure, Outcome, Pool, opened
from zen_lightning.search.worker import READY, WorkerEnvironment, work
from zen_lightning.system.limits import require_processes
from zen_lightning.system.parent import this_process
from zen_lightning.system.tracker import start_tracker

MOST_DEATHS = 3
"""Deaths of its worker after which a network is not tried again. A choice: a chance death, of memory say, rarely comes three
times."""

_MOST_STARTS = 5
"""Workers in a row that may die as they start. A choice: above any number that bad luck explains."""

_THREADS = 2
"""Threads of a worker beside those of torch, measured: its own, and one that may look for its parent."""

_HELD = 2
"""Networks at a worker: one is being scored, and one waits so that the worker does not have to."""


@dataclass(slots=True)
class _Task:
    """A submitted network.

    Attributes:
        ticket: its ticket in the pool.
        message: the message to the worker.
        deaths: number of workers that died while scoring it.
    """

    ticket: int
    message: bytes
    deaths: int = 0


class _Worker:
    """A process, the pipe to it, and the tasks sent to it, of which the first is being scored."""

    def __init__(self, context: SpawnContext, environment: WorkerEnvironment, proxies: bytes) -> None:
        self.held: deque[_Task] = deque()
        self.ready = False
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=work, args=(theirs, this_process(), environment), daemon=True)
        self.process.start()
        theirs.close()
        self._send(proxies)

    def give(self, task: _Task) -> None:
        """Send a task."""
        self.held.append(task)
        self._send(task.message)

    def stop(self) -> None:
        """End the process."""
        self.pipe.close()
        self.process.kill()
        self.process.join()
        self.process.close()

    def _send(self, message: bytes) -> None:
        # If the worker has died, that is noticed when its pipe is read.
        with suppress(OSError):
            self.pipe.send_bytes(message)


class WorkerPool(Pool):
    """Scores in worker processes, each with one pipe.

    A worker that dies (killed, out of memory, a fault in a library) is replaced, and its tasks are sent again, so nothing is
    lost. A network whose worker died three times while scoring it has no score.

    Args:
        proxies: the proxies to choose from; they are sent to every worker once.
        seed: their seed.
        workers: number of processes.
        threads: threads of torch in each.
        gpus: GPUs; worker i sees only number i modulo their count. Without any, workers see all there are.
        preload: modules that a worker imports before its first network, whose time then does not include the imports.

    Raises:
        UserError: a proxy cannot be sent to another process, or a limit does not allow so many processes.
    """

    def __init__(
        self,
        proxies: Sequence[Proxy],
        seed: int = 0,
        workers: int = 2,
        threads: int = 1,
        gpus: Sequence[str] = (),
        preload: Sequence[str] = (),
    ) -> None:
        self.slots = workers
        self._deaths = 0
        self._threads = threads
        self._gpus = tuple(gpus)
        self._preload = tuple(preload)
        self._next = 0
        self._failed_starts = 0
        self._backlog: deque[_Task] = deque()
        self._open: set[int] = set()
        self._replies: dict[int, Outcome | Failure] = {}
        require_processes(workers, _THREADS + threads)
        start_tracker()
        self._context = multiprocessing.get_context("spawn")
        self._proxies = _pickled((tuple(proxies), seed), "a proxy")
        self._workers: list[_Worker] = []
        for number in range(workers):
            self._workers.append(self._start(number))

    @property
    def deaths(self) -> int:
        """Number of workers that have died so far."""
        return self._deaths

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers."""
        return [worker.process.pid or 0 for worker in self._workers]

    def submit(self, architecture: Scorable, which: int = 0) -> int:
        """Send a network to a worker, or queue it until one has room; see :meth:`Pool.submit`."""
        ticket = self._next
        task = _Task(ticket, _pickled((which, architecture), "a network"))
        self._next = ticket + 1
        self._open.add(ticket)
        self._backlog.append(task)
        self._feed()
        return ticket

    def result(self, ticket: int) -> Outcome:
        """Wait for the outcome of a ticket; see :meth:`Pool.result`."""
        if ticket not in self._open and ticket not in self._replies:
            raise KeyError(ticket)
        while ticket not in self._replies:
            self._listen()
        return opened(self._replies.pop(ticket))

    def finished(self) -> Iterator[tuple[int, Outcome]]:
        """Yield (ticket, outcome) as they are done; see :meth:`Pool.finished`."""
        while self._open or self._replies:
            while not self._replies:
                self._listen()
            ticket = next(iter(self._replies))
            yield ticket, self.result(ticket)

    def close(self) -> None:
        """Kill the workers; open tickets are lost."""
        workers, self._workers = self._workers, []
        self._backlog.clear()
        self._open.clear()
        for worker in workers:
            worker.stop()

    def _start(self, number: int) -> _Worker:
        gpu = self._gpus[number % len(self._gpus)] if self._gpus else None
        return _Worker(self._context, WorkerEnvironment(self._threads, gpu, self._preload), self._proxies)

    def _feed(self) -> None:
        """Send queued tasks, first to the worker with the fewest; workers that are still starting get none."""
        while self._backlog:
            worker = min([worker for worker in self._workers if worker.ready], key=lambda ready: len(ready.held), default=None)
            if worker is None or len(worker.held) >= _HELD:
                return
            worker.give(self._backlog.popleft())

    def _listen(self) -> None:
        """Wait until a worker replies or dies, and handle that."""
        sources: dict[Any, int] = {}
        for number, worker in enumerate(self._workers):
            sources[worker.pipe] = sources[worker.process.sentinel] = number
        for number in sorted({sources[source] for source in wait(list(sources))}):
            worker = self._workers[number]
            dead = not worker.process.is_alive()  # Checked first, so that everything that a dead worker sent is still read.
            try:
                while worker.pipe.poll():
                    self._read(worker)
            except (EOFError, OSError):
                dead = True
            if dead:
                self._replace(number)
        self._feed()

    def _read(self, worker: _Worker) -> None:
        message = worker.pipe.recv()
        if worker.ready:
            task = worker.held.popleft()
            self._reply(task, message)
        elif message is READY:
            worker.ready = True
            self._failed_starts = 0
        else:
            opened(message)

    def _replace(self, number: int) -> None:
        """Start a new worker in place of one that died, and queue its tasks again."""
        worker = self._workers[number]
        self._deaths += 1
        if worker.held:
            scored = worker.held[0]
            scored.deaths += 1
            if scored.deaths >= MOST_DEATHS:
                worker.held.popleft()
                self._reply(scored, Outcome(None, 0.0, f"the process that scored it died {MOST_DEATHS} times"))
        elif not worker.ready:
            self._failed_starts += 1
            if self._failed_starts >= _MOST_STARTS:
                raise UserError(
                    f"{_MOST_STARTS} worker processes in a row died as they started",
                    key="workers",
                    remedy="use {workers}=1, which shows why; a script that opens a pool needs `if __name__ == '__main__':` "
                    "around what it does",
                )
        self._backlog.extendleft(reversed(worker.held))
        self._workers[number] = self._start(number)
        worker.stop()

    def _reply(self, task: _Task, reply: Outcome | Failure) -> None:
        self._open.discard(task.ticket)
        self._replies[task.ticket] = reply


def _pickled(value: object, what: str) -> bytes:
    try:
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        sentence = f"{what} cannot be sent to a worker process ({error})"
        raise UserError(sentence, key="workers", remedy="use {workers}=1") from error
