"""Several searches at once, each in a process of its own."""

import multiprocessing
import os
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.queues import Queue
from pathlib import Path

from zen_lightning.errors import UserError
from zen_lightning.search.run import Progress, SearchOutcome, SearchSetup, run_search

_POLL = 0.1


def journal_path(folder: Path, restart: int) -> Path:
    """Return the journal of a restart in a run's folder."""
    return folder / "journal" / f"restart-{restart:02d}.jsonl"


def run_restarts(
    setup: SearchSetup, restarts: int, folder: Path, notify: Callable[[Progress], None], processes: int | None = None
) -> list[SearchOutcome]:
    """Run independent searches and return what each found, in order.

    Each has a generator of its own, so the outcome does not depend on how many run at a time, and the first of eight restarts
    finds what a single search finds.

    Args:
        setup: what to search.
        restarts: how many searches.
        folder: of the run; the journals are kept in it.
        notify: called with the progress of each.
        processes: how many run at a time; by default one for each core.

    Raises:
        UserError: a search ended with one, or a process died.
    """
    if restarts == 1:
        return [run_search(setup, 0, journal_path(folder, 0), notify)]
    workers = min(restarts, processes or available_cores())
    context = multiprocessing.get_context("spawn")
    messages: Queue[Progress] = context.Queue()
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(messages, os.getpid()))
    try:
        futures = [pool.submit(_run_one, setup, restart, journal_path(folder, restart)) for restart in range(restarts)]
        _relay(messages, futures, notify)
        return [future.result() for future in futures]
    except BrokenProcessPool:
        raise UserError(f"a search process died; nothing is lost: continue with resume={folder}") from None
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        _stop(pool)


def available_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


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


def _stop(pool: ProcessPoolExecutor) -> None:
    """End workers that are still searching: another search failed, or the user pressed Ctrl-C."""
    for process in list((getattr(pool, "_processes", None) or {}).values()):
        if process.is_alive():
            process.terminate()


_messages: "Queue[Progress] | None" = None


def _start_worker(messages: "Queue[Progress]", parent: int) -> None:
    global _messages
    _messages = messages
    threading.Thread(target=_follow_parent, args=(parent,), daemon=True).start()


def _follow_parent(parent: int) -> None:
    """End this process when its parent is gone: a parent killed with -9 tells nobody."""
    while os.getppid() == parent:
        time.sleep(_POLL)
    os._exit(1)


def _run_one(setup: SearchSetup, restart: int, path: Path) -> SearchOutcome:
    assert _messages is not None
    return run_search(setup, restart, path, _messages.put)
