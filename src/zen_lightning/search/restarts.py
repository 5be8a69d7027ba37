"""Several independent searches, each in a process of its own."""

import multiprocessing
import queue
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.queues import Queue
from pathlib import Path

from zen_lightning.errors import UserError
from zen_lightning.search.pool import Pool
from zen_lightning.search.processes import limit_threads
from zen_lightning.search.run import Progress, SearchOutcome, SearchSetup, run_search
from zen_lightning.search.time_limit import share_of
from zen_lightning.system.cores import available_cores
from zen_lightning.system.limits import require_processes
from zen_lightning.system.parent import Parent, end_with, this_process
from zen_lightning.system.tracker import start_tracker

_THREADS = 2
"""Threads of a process that searches beside those of torch, measured: its own, and the one that sends its messages."""

_POLL = 0.1
"""Seconds to wait for a message before looking at the processes. A choice: progress moves ten times a second."""


def journal_path(folder: Path, restart: int) -> Path:
    """Return the journal of a restart in a run's folder."""
    return folder / "journal" / f"restart-{restart:02d}.jsonl"


def run_restarts(
    setup: SearchSetup,
    restarts: int,
    folder: Path,
    notify: Callable[[Progress], None],
    processes: int | None = None,
    threads: int | None = None,
    pool: Pool | None = None,
    seconds: float | None = None,
) -> list[SearchOutcome]:
    """Run independent searches and return their outcomes, in order.

    Each has a random generator of its own, so the outcomes do not depend on how many run at a time, and the first of eight
    restarts finds the same as a single search.

    Args:
        setup: the setup of the searches.
        restarts: number of searches.
        folder: folder of the run, for the journals.
        notify: called with the progress of each search.
        processes: number of searches at a time; by default one for each core.
        threads: threads of torch in each process; None leaves torch alone.
        pool: a pool that scores for all searches, which then run one after another in this process.
        seconds: of all searches together, of which each has its share; None for no limit.

    Raises:
        UserError: a search raised one, a process died, or a limit does not allow so many processes.
    """
    paths = [journal_path(folder, restart) for restart in range(restarts)]
    if restarts == 1 or pool is not None:
        each = share_of(seconds, restarts, 1)
        return [run_search(setup, restart, path, notify, pool, each) for restart, path in enumerate(paths)]
    workers = min(restarts, processes or available_cores())
    each = share_of(seconds, restarts, workers)
    require_processes(workers, _THREADS + (threads or 1))
    start_tracker()
    context = multiprocessing.get_context("spawn")
    messages: Queue[Progress] = context.Queue()
    start = (messages, this_process(), threads)
    executor = ProcessPoolExecutor(workers, mp_context=context, initializer=_start_process, initargs=start)
    try:
        futures = [executor.submit(_run_one, setup, restart, path, each) for restart, path in enumerate(paths)]
        _relay(messages, futures, notify)
        return [future.result() for future in futures]
    except BrokenProcessPool:
        raise UserError(
            "a search process died", key="folder", remedy=f"nothing is lost: continue with {{folder}}={folder}"
        ) from None
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        _stop(executor)


def _relay(messages: "Queue[Progress]", futures: list[Future[SearchOutcome]], notify: Callable[[Progress], None]) -> None:
    """Pass messages on until all searches are done, or one has failed."""
    while True:
        done = [future for future in futures if future.done()]
        finished = len(done) == len(futures) or any(future.exception() for future in done)
        try:
            while True:
                notify(messages.get(timeout=0 if finished else _POLL))
        except queue.Empty:
            if finished:
                return


def _stop(executor: ProcessPoolExecutor) -> None:
    """End processes that are still searching, after another search failed or the user pressed Ctrl-C."""
    for process in list((getattr(executor, "_processes", None) or {}).values()):
        if process.is_alive():
            process.terminate()


_messages: "Queue[Progress] | None" = None


def _start_process(messages: "Queue[Progress]", parent: Parent, threads: int | None) -> None:
    global _messages
    _messages = messages
    end_with(parent)
    limit_threads(threads)


def _run_one(setup: SearchSetup, restart: int, path: Path, seconds: float | None) -> SearchOutcome:
    assert _messages is not None
    return run_search(setup, restart, path, _messages.put, seconds=seconds)
