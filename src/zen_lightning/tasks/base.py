"""What every task is: a class with its name, its keys, its checks and its run."""

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from omegaconf import DictConfig

from zen_lightning.config.keys import read_keys
from zen_lightning.report.terminal.wrapping import files_line
from zen_lightning.runs.command import NO_COMMAND, Command
from zen_lightning.runs.result import Header, write_result

if TYPE_CHECKING:
    from zen_lightning.report.html.report import SectionOf
    from zen_lightning.tasks.checks import Checks

K = TypeVar("K")


class Task(ABC, Generic[K]):
    """A task. A new one is a subclass, and a YAML in ``conf/task`` that names it by ``_target_``; see docs/your_own_task.md.

    Args:
        config: the composed configuration.
        folder: of the run.
        command: what the command line said.

    Attributes:
        name: as in ``task=``.
        Keys: a dataclass: the keys at the root of the configuration that this task reads, and no others. Those that only it
            has stand in its YAML, with their values.
        groups: of the configuration that it reads; ``"search.threads"`` is that one key of a group.
        instead: for keys that people try, the key that they mean.
        files: that it leaves, in the order in which they are listed.
        metrics: the numbers of its result, and the parts of it that hold more, by which a tuning may compare trials: another
            ``tune.metric`` is refused. Without any, a tuning learns from its first trial which there are.
        sections: of its report, in their order: functions that make one from the files of a run, or the shipped ones by module
            and name below ``zen_lightning.report.html``, which are imported when they are wanted. Without any, a report shows
            the result as it is.
        resumed_by_schedulers: whether SIGTERM means to save and be started again, as SLURM does it.
    """

    name: ClassVar[str]
    Keys: ClassVar[type]
    groups: ClassVar[tuple[str, ...]] = ()
    instead: ClassVar[Mapping[str, str]] = {}
    files: ClassVar[tuple[str, ...]] = ()
    metrics: ClassVar[tuple[str, ...]] = ()
    sections: "ClassVar[Sequence[SectionOf | str]]" = ()
    resumed_by_schedulers: ClassVar[bool] = False

    def __init__(self, config: DictConfig, folder: Path, command: Command = NO_COMMAND) -> None:
        self.config = config
        self.folder = folder
        self.command = command
        self.began = time.monotonic()

    @cached_property
    def keys(self) -> K:
        """The keys at the root that this task reads, typed.

        Raises:
            UserError: a value of another type.
        """
        keys: K = read_keys(self.Keys, self.config)
        return keys

    @classmethod
    def passes_on(cls, config: DictConfig, command: Command) -> "list[type[Task[Any]]]":
        """Return the tasks of other commands that this one starts: the command line may hold keys for them."""
        return []

    @classmethod
    def words(cls, config: DictConfig) -> tuple[str, ...]:
        """Return the keys that are words for people here, such as the name of a phone in ``device``: they may be any text."""
        return ()

    def check(self, checks: "Checks") -> None:
        """Note everything that is wrong, and what would run; nothing is started, no file is made.

        Args:
            checks: asks what :meth:`run` would ask, and goes on after each refusal.
        """

    @abstractmethod
    def run(self) -> float | None:
        """Do it.

        Returns:
            what sweepers optimise, where there is such a number.

        Raises:
            UserError: something in the configuration cannot be used.
        """

    @property
    def device(self) -> str:
        """The device that networks run on, for the header of the result."""
        return str(self.config.device)

    def leave(self, content: Mapping[str, Any], finished: bool = True) -> None:
        """Write ``result.json``: what was found, under the header of the run."""
        header = Header(self.name, self.config.seed, self.device, self.began)
        write_result(self.folder, header, content, finished)

    def listed(self) -> str:
        """Return the line that says what is in the folder."""
        return files_line(self.folder, [name for name in self.files if (self.folder / name).exists()])
