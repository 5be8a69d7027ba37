"""What scores architectures: asked for many scores, it gives each in its own time."""

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
    """What came of scoring one network.

    Attributes:
        score: None where the proxy could not score it.
        seconds: that scoring took, where it was done.
        error: why there is no score; empty with one.
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
    """A proxy raised in a worker what proxies do not raise; the message ends with the traceback of the worker."""


class Pool(ABC):
    """Scores networks by some proxies, perhaps several at a time. Use it as a context manager.

    :meth:`submit` hands a network over and returns a ticket, :meth:`result` waits for what came of it. Tickets may be asked for
    in any order, each once. A pool belongs to one thread.

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
        """Workers that died so far."""
        return 0

    @abstractmethod
    def submit(self, architecture: Scorable, which: int = 0) -> int:
        """Hand a network over to be scored, and return its ticket.

        Args:
            architecture: what to score.
            which: of the pool's proxies, from 0.
        """

    @abstractmethod
    def result(self, ticket: int) -> Outcome:
        """Wait for the outcome of a ticket, which is then forgotten.

        Raises:
            KeyError: there is no such ticket, or it was asked for before.
            UserError: the proxy cannot be used as it is configured, or the workers cannot.
            WorkerError: the proxy has a fault.
        """

    @abstractmethod
    def finished(self) -> Iterator[tuple[int, Outcome]]:
        """Yield (ticket, outcome) of every ticket not asked for yet, as they are done; what is submitted meanwhile too.

        Raises:
            UserError: as for :meth:`result`.
            WorkerError: likewise.
        """

    def close(self) -> None:  # noqa: B027  (a pool without workers has nothing to do)
        """End the workers; what was not asked for is lost."""

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
    """Score a network in a worker: what is raised there becomes a message for the process that asked."""
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
    """Return the outcome that a worker replied, or raise what it met."""
    if isinstance(reply, Outcome):
        return reply
    if reply.mistake is not None:
        raise reply.mistake
    raise WorkerError(f"a worker failed:\n{reply.trace}")
