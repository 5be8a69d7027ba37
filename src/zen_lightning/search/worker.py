"""The side of a worker process: it scores what comes through its pipe, one after another."""

import os
import pickle
import signal
from importlib import import_module
from multiprocessing.connection import Connection
from typing import NamedTuple

from zen_lightning.search.pool import answer, failure
from zen_lightning.search.processes import follow_parent, limit_threads

READY = None
"""A worker's first message: it has read the proxies, and now scores what it is sent."""


class WorkerEnvironment(NamedTuple):
    """What a worker makes of its process before it reads the proxies.

    Attributes:
        threads: of torch.
        gpu: the only one that torch will see, as CUDA_VISIBLE_DEVICES names it; None leaves all.
        preload: modules to import.
    """

    threads: int
    gpu: str | None
    preload: tuple[str, ...]


def work(pipe: Connection, parent: int, environment: WorkerEnvironment) -> None:
    """Score until the pipe closes.

    The first message is the proxies and the seed, each after it the number of a proxy and a network; each is answered once.
    Ctrl-C is left to the parent, and the worker ends when the parent is gone.

    Args:
        pipe: to the parent.
        parent: its process id.
        environment: what to do first.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    follow_parent(parent)
    if environment.gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = environment.gpu
    # Torch reads its environment as it is imported, which may be now, or was as the program's own module was read.
    limit_threads(environment.threads)
    try:
        message = pipe.recv_bytes()
        try:
            for module in environment.preload:
                import_module(module)
            proxies, seed = pickle.loads(message)
        except Exception as error:
            pipe.send(failure(error))
            return
        pipe.send(READY)
        while True:
            message = pipe.recv_bytes()
            try:
                which, architecture = pickle.loads(message)
            except Exception as error:
                pipe.send(failure(error))
                continue
            pipe.send(answer(proxies, which, architecture, seed))
    except (EOFError, OSError):
        return  # The parent closed the pipe: there is nothing more to do.
