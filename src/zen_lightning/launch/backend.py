"""The backends that run jobs: the classes that ``launcher=`` names."""

import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from zen_lightning.config import build
from zen_lightning.errors import UserError
from zen_lightning.launch.job import Job
from zen_lightning.launch.job_record import Ended, State, read_record, write_ended
from zen_lightning.system.requeue import REQUEUE_CODE
from zen_lightning.system.signal_watch import TERMINATED

Tell = Callable[[str], None]
"""Called with a sentence about something that went wrong and was mended, such as a machine that died."""

Source = Callable[[], Job | None]
"""Returns the next job to run; None where there is none, or none before another has ended. It is asked again after each end."""


class Backend(ABC):
    """Runs jobs somewhere.

    Attributes:
        where: jobs run, as a phrase: "2 at a time on this machine".
        at_once: how many jobs run at a time; None where nothing limits it.
        logged: whether what a job prints goes to ``job.log`` in its folder, and not to the terminal.
        retries: how often a job whose process was killed is run again.
    """

    where: str
    at_once: int | None
    logged = True
    retries = 1

    _room: int | None = None
    """How many jobs are handed over at a time; None: all, what they run on has a queue."""

    _terminated = False
    """Whether SIGTERM came to this process: no job is started then."""

    def run(self, source: Source, tell: Tell) -> Generator[tuple[Job, Ended], None, None]:
        """Run jobs, and yield each with how it ended as it ends; none that fails stops another.

        A job whose process or machine died is run again. When the generator is closed, or Ctrl-C reaches it, all jobs are
        stopped, and none is left running. Where jobs run on this machine, SIGTERM is handed on to them.

        Args:
            source: the source of the jobs.
            tell: of deaths.

        Raises:
            UserError: the jobs cannot be run as the launcher is configured.
            SystemExit: SIGTERM came, and all jobs have ended; the code is 75 where one of them asks to be started again.
        """
        running: dict[Any, Job] = {}
        with self._session():
            try:
                yield from self._each(source, tell, running)
            finally:
                self._stop(list(running))

    def _each(self, source: Source, tell: Tell, running: dict[Any, Job]) -> Generator[tuple[Job, Ended], None, None]:
        again: list[Job] = []
        deaths: Counter[int] = Counter()
        began: dict[int, float] = {}
        codes = set()
        while True:
            new, again = ([], again) if self._terminated else ([*again, *self._next(source, len(running) + len(again))], [])
            if new:
                began = {job.number: time.monotonic() for job in new} | began
                running |= dict(zip(self._start(new), new, strict=True))
            if not running:
                break
            killed: dict[int, tuple[Job, Ended]] = {}
            for handle in self._wait(list(running)):
                job = running.pop(handle)
                ended = self._outcome(handle, job)
                if ended.state == State.KILLED and not self._terminated:
                    killed[job.number] = job, ended
                    continue
                codes.add(ended.code)
                yield job, _recorded(job, ended)
            lost = self._lost([job for job, _ in killed.values()], tell) if killed else set()
            deaths.update(killed.keys() - lost)
            for number, (job, ended) in killed.items():
                if number in lost or deaths[number] <= self.retries:
                    again.append(job)
                    if number not in lost:
                        tell(f"{job.name}: {ended.error}; it is run again")
                    continue
                often = f", {deaths[number]} times" if self.retries else ""
                seconds = round(time.monotonic() - began[number], 3)
                yield job, _recorded(job, ended._replace(seconds=seconds, error=ended.error + often))
        if self._terminated:
            raise SystemExit(REQUEUE_CODE if REQUEUE_CODE in codes else TERMINATED)

    def _next(self, source: Source, running: int) -> Iterator[Job]:
        while self._room is None or running < self._room:
            job = source()
            if job is None:
                return
            running += 1
            yield job

    def _session(self) -> AbstractContextManager[None]:
        """Return a context for as long as jobs run."""
        return nullcontext()

    @abstractmethod
    def _start(self, jobs: Sequence[Job]) -> Sequence[Any]:
        """Start jobs, and return a handle for each."""

    @abstractmethod
    def _wait(self, handles: Sequence[Any]) -> Sequence[Any]:
        """Wait for a short time, and return those that have ended."""

    @abstractmethod
    def _outcome(self, handle: Any, job: Job) -> Ended:
        """Return how one ended."""

    @abstractmethod
    def _stop(self, handles: Sequence[Any]) -> None:
        """Ask jobs to end as Ctrl-C does, and kill those that take too long."""

    def _lost(self, killed: Sequence[Job], tell: Tell) -> set[int]:
        """Return the numbers of those jobs whose machine died; this reports it, and it does not count as a death of theirs."""
        return set()


def make_backend(config: DictConfig) -> Backend:
    """Return what ``launcher=`` names.

    Args:
        config: the composed configuration.

    Raises:
        UserError: it cannot be used as it is configured.
        MissingExtraError: what it needs is not installed.
    """
    return build(config.launcher, "launcher", Backend)


def check_at_least(key: str, value: int | None, least: int) -> None:
    """Raise a UserError where a number of the launcher is too small; None is left to the launcher."""
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < least):
        raise UserError(key=key, value=value, expected=f"a whole number, {least} or more")


def _recorded(job: Job, ended: Ended) -> Ended:
    """Note the end of a job that could not do so itself."""
    folder = Path(job.folder)
    if ended.state == State.KILLED or read_record(folder).get("state") == State.RUNNING:
        with suppress(OSError):  # The disk is full, perhaps: what is shown at the end says so.
            write_ended(folder, job.number, job.overrides, ended)
    return ended
