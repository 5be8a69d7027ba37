"""What a command line said, as plain data: read from Hydra in one place, and handed to the task."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from zen_lightning.runs.overrides import parse_overrides


@dataclass(frozen=True)
class Command:
    """A command.

    Attributes:
        overrides: the overrides of the command line, word for word, without Hydra's own.
        choices: the choice of each group, also of those that the command line does not name.
        folders: the configuration folders that are searched besides the shipped one (``--config-dir``).
        sweep: folder of the sweep where this is one of several jobs that one process runs; else None.
    """

    overrides: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    folders: tuple[Path, ...] = ()
    sweep: Path | None = None

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys and groups that the command line sets."""
        return frozenset(one.key for one in parse_overrides(self.overrides))

    def sets(self, *keys: str) -> bool:
        """Whether the command line sets one of these keys or groups."""
        return not self.keys.isdisjoint(keys)

    def beside(self, *overrides: str) -> "Command":
        """Return the command with more overrides."""
        return replace(self, overrides=(*self.overrides, *overrides))


NO_COMMAND = Command()
"""The command of a run that was not started from a command line."""
