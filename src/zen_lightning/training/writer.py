"""Writes files beside the training."""

import copy
import threading
from collections.abc import Callable
from queue import Queue
from typing import Any

import torch
from torch import Tensor


class BackgroundWriter:
    """Runs jobs one after another in a thread: the training goes on meanwhile.

    An error of a job is raised once, at the next :meth:`submit`, :meth:`check` or :meth:`wait`. Jobs write files atomically:
    a kill leaves the old file. At most one job waits while another is under way: :meth:`submit` blocks beyond.
    """

    def __init__(self) -> None:
        self._jobs: Queue[Callable[[], None] | None] = Queue(maxsize=2)
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None

    def submit(self, job: Callable[[], None]) -> None:
        """Run a job after those before it.

        Raises:
            Exception: what an earlier job raised; this one is not run then.
        """
        self.check()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
            self._thread.start()
        self._jobs.put(job)

    def check(self) -> None:
        """Raise what a job has raised, if that is so."""
        error, self._error = self._error, None
        if error is not None:
            raise error

    @property
    def is_busy(self) -> bool:
        """Whether a job is under way or waits."""
        return self._jobs.unfinished_tasks > 0

    def wait(self) -> None:
        """Wait until all jobs are done; raise what one of them raised."""
        self._jobs.join()
        self.check()

    def close(self) -> None:
        """Wait, and end the thread; errors as for :meth:`wait`."""
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join()
            self._thread = None
        self.check()

    def _run(self) -> None:
        while True:
            job = self._jobs.get()
            try:
                if job is None:
                    return
                if self._error is None:
                    job()
            except BaseException as error:  # Raised where the training can report it.
                self._error = error
            finally:
                self._jobs.task_done()


def on_cpu(content: Any) -> Any:
    """Return a copy of nested dicts, lists and tuples whose tensors are on the CPU and share no memory with the originals.

    Tensors of a GPU are copied to pinned memory, all at once, with one wait at the end.
    """
    waits: set[torch.device] = set()
    copied = _copied(content, waits, {})
    for device in waits:
        torch.cuda.synchronize(device)
    return copied


def _copied(content: Any, waits: set[torch.device], seen: dict[int, Tensor]) -> Any:
    if isinstance(content, Tensor):
        if id(content) not in seen:
            seen[id(content)] = _copy(content.detach(), waits)
        return seen[id(content)]
    if isinstance(content, dict):
        twin = copy.copy(content)  # A state dict has attributes beside its items.
        for key, value in content.items():
            twin[key] = _copied(value, waits, seen)
        return twin
    if isinstance(content, list):
        return [_copied(value, waits, seen) for value in content]
    if type(content) is tuple:
        return tuple(_copied(value, waits, seen) for value in content)
    return content


def _copy(tensor: Tensor, waits: set[torch.device]) -> Tensor:
    if tensor.device.type == "cpu":
        return tensor.clone()
    if tensor.device.type != "cuda":
        return tensor.cpu()
    waits.add(tensor.device)
    return tensor.to("cpu", non_blocking=True)
