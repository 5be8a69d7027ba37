"""The interface of pools, which score many architectures, perhaps several at a time."""

import pickle
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.proxy.base import CannotScoreError, Proxy, Scorable, Score


class Outcome(NamedTuple):
    """The result of scoring one network.

    Attributes:
        score: its score; None if the proxy could not score it.
        seconds: time that scoring took, in the process that scored.
        error: why there is no score; empty with a score.
    """

    score: Score | None
    seconds: float
    error: str = ""


class Failure(NamedTuple):
    """An error raised while scoring that is not about one network: a user's mistake, or a fault of a proxy.

    Attributes:
        mistake: the error, if a user can correct it; None for a fault.
        trace: the traceback of a fault in the worker.
    """

    mistake: UserError | MissingExtraError | None
    trace: str = ""


class WorkerError(RuntimeError):
    """A proxy raised an unexpected exception in a worker; the message ends with the traceback of the worker."""


class Pool(ABC):
    """Scores networks by some proxies, perhaps several at a time. Use it as a context manager.

    :meth:`submit` takes a network and returns a ticket, and :meth:`result` waits for its outcome. Results may be requested in
    any order, each once. A pool belongs to one thread.

    Attributes:
        slots: networks scored at the same time.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> from zen_lightning.proxy.closed_form import ZenClosedForm
        >>> from zen_lightning.search.local_pool import LocalPool
        >>> with LocalPool([ZenClosedForm(resolution=32)]) as pool:
        ...     ticket = pool.submit(Architecture.parse("SuperConvK3BNRELU(3,8,1,1)"))
        ...     print(pool.result(ticket).score)
        4.355
    """

    slots: int = 1

    @property
    def deaths(self) -> int:
        """Number of workers that have died so far."""
        return 0

    @abstractmethod
    def submit(self, architecture: Scorable, which: int = 0) -> int:
        """Submit a network to be scored, and return its ticket.

        Args:
            architecture: the network to score.
            which: number of the proxy, from 0.
        """

    @abstractmethod
    def result(self, ticket: int) -> Outcome:
        """Wait for the outcome of a ticket, which is removed.

        Raises:
            KeyError: there is no such ticket, or its result was requested before.
            UserError: the proxy or the workers cannot be used with these settings.
            WorkerError: the proxy has a fault.
        """

    def score(self, architecture: Scorable) -> Outcome:
        """Submit a network and wait for its outcome; errors as for :meth:`result`."""
        return self.result(self.submit(architecture))

    @abstractmethod
    def finished(self) -> Iterator[tuple[int, Outcome]]:
        """Yield (ticket, outcome) of every open ticket, as they are done, including those submitted in the meantime.

        Raises:
            UserError: as for :meth:`result`.
            WorkerError: likewise.
        """

    def close(self) -> None:  # noqa: B027  (a pool without workers has nothing to do)
        """End the workers; open tickets are lost."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def measure(proxy: Proxy, architecture: Scorable, seed: int) -> Outcome:
    """Score a network in this process."""
    began = time.perf_counter()
    try:
        score = proxy.score(architecture, seed)
    except CannotScoreError as error:
        return Outcome(None, time.perf_counter() - began, str(error))
    return Outcome(score, time.perf_counter() - began)


def answer(proxies: Sequence[Proxy], which: int, architecture: Scorable, seed: int) -> Outcome | Failure:
    """Score a network in a worker; an exception is returned as a :class:`Failure`."""
    try:
        return measure(proxies[which], architecture, seed)
    except Exception as error:
        return failure(error)


def failure(error: Exception) -> Failure:
    """Return an exception in a form that can be sent to any process."""
    if not isinstance(error, UserError | MissingExtraError):
        return Failure(None, "".join(traceback.format_exception(error)).rstrip())
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # An error class of a user's own may have a constructor that pickle cannot call.
        error = UserError(str(error), key=getattr(error, "key", ""))
    return Failure(error)


def opened(reply: Outcome | Failure) -> Outcome:
    """Return the outcome in a worker's reply, or raise the error in it."""
    if isinstance(reply, Outcome):
        return reply
    if reply.mistake is not None:
        raise reply.mistake
    raise WorkerError(f"a worker failed:\n{reply.trace}")
