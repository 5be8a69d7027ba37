"""What a tracker of experiments is: the plug-in point of ``logger=``."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from zen_lightning.errors import MissingExtraError


class Status(StrEnum):
    """How a run ended."""

    FINISHED = "finished"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Source:
    """A run that another reads from.

    Attributes:
        key: the configuration key that names it, such as ``arch``.
        folder: the folder of that run.
    """

    key: str
    folder: Path


@dataclass(frozen=True)
class TrackedRun:
    """The description of a run, which a tracker is given as it begins.

    Attributes:
        folder: the folder of the run; whatever a tracker writes on this machine lies in it.
        task: the kind of the run.
        name: a readable name, from the overrides of the command.
        group: the sweep or the experiment that it is part of.
        config: resolved, with the versions of the packages and the commit.
        sources: the runs that it reads from.
    """

    folder: Path
    task: str
    name: str
    group: str | None
    config: Mapping[str, Any]
    sources: tuple[Source, ...] = ()


class Tracker(ABC):
    """Tracks one run: begin, log what happens, finish.

    A method may raise anything: :class:`~zen_lightning.tracking.trackers.Trackers` says so in one sentence, and the run goes on
    without this tracker. A subclass imports its package inside its methods.

    Attributes:
        package: optional package that it needs, and the extra that installs it; None for none.
        continued: whether :meth:`begin` continued what an earlier command began in the same folder.
    """

    package: str | None = None
    continued = False

    def require(self) -> None:
        """Raise a MissingExtraError where the package is not installed; called before anything starts."""
        if self.package is not None and find_spec(self.package) is None:
            raise MissingExtraError(self.package, self.package, f"logger={self.package}")

    @abstractmethod
    def begin(self, run: TrackedRun) -> str:
        """Begin to track a run, or continue a run whose folder has been tracked before.

        Returns:
            a line that says where the run can be looked at.
        """

    @abstractmethod
    def metrics(self, values: Mapping[str, float], step: int, axis: str) -> None:
        """Log metrics of one step.

        Args:
            values: metrics by name.
            step: the step.
            axis: what the step counts, such as ``search/iteration``.
        """

    @abstractmethod
    def summary(self, figures: Mapping[str, float | str | bool]) -> None:
        """Log the results of the run."""

    @abstractmethod
    def table(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[float | str | None]]) -> None:
        """Log a table."""

    @abstractmethod
    def files(self, paths: Sequence[Path]) -> None:
        """Keep files of the run's folder: what it found, and its pictures."""

    @abstractmethod
    def finish(self, status: Status) -> None:
        """End the run, and release what it holds."""
