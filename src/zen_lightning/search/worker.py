"""The main function of a worker process, which scores the networks that come through its pipe."""

import os
import pickle
import signal
from importlib import import_module
from multiprocessing.connection import Connection
from typing import NamedTuple

from zen_lightning.search.pool import answer, failure
from zen_lightning.search.processes import limit_threads
from zen_lightning.system.parent import Parent, end_with

READY = None
"""A worker's first message, after it has read the proxies."""


class WorkerEnvironment(NamedTuple):
    """Settings that a worker makes in its process before it reads the proxies.

    Attributes:
        threads: threads of torch.
        gpu: the only GPU that torch will see, as CUDA_VISIBLE_DEVICES names it; None leaves all.
        preload: modules to import.
    """

    threads: int
    gpu: str | None
    preload: tuple[str, ...]


def work(pipe: Connection, parent: Parent, environment: WorkerEnvironment) -> None:
    """Score until the pipe closes.

    The first message holds the proxies and the seed, each later one the number of a proxy and a network; each gets one answer.
    The worker ignores Ctrl-C, which the parent handles, and ends when the parent is gone.

    Args:
        pipe: the pipe to the parent.
        parent: the parent, see :func:`~zen_lightning.system.parent.this_process`.
        environment: settings to make first.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    end_with(parent)
    if environment.gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = environment.gpu
    # Torch reads its environment when it is imported, which may still come, or happened when the main module was imported.
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
        return  # The parent closed the pipe.
