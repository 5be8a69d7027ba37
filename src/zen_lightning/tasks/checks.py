"""Asks what a task would ask, notes each refusal, resets the refused value and asks again."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from zen_lightning.config.explain import from_omegaconf
from zen_lightning.config.problems import Problems
from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.runs.command import Command

T = TypeVar("T")
_MOST = 100
"""Calls of one check. A choice: each call but the last finds at least one problem, and nobody reads a hundred."""


class Checks:
    """A command under examination.

    The functions that a task checks its configuration with stop at the first thing that is wrong. Here they are called again
    after each: a value that was refused is reset to what it is without the command and its experiment. So the same
    functions find all that is wrong.

    Args:
        config: the configuration of the command; values that are refused are reset in it.
        before: the same configuration without the values of the command and its experiment, as plain data.
        folder: the folder that the run would write to.
        command: what the command line said.
        problems: the problems that are found.
        promised: structures that earlier stages of a pipeline will leave, by the folder that they will be in.
        examine: notes what is wrong with another command, given its overrides, its folder, and what is promised to it.

    Attributes:
        config: as above.
        folder: as above.
        command: as above.
        problems: as above.
        promised: as above.
        examine: as above.
        summary: what would run, as pairs of a heading and a text.
    """

    def __init__(
        self,
        config: DictConfig,
        before: Mapping[Any, Any],
        folder: Path,
        command: Command,
        problems: Problems,
        promised: Mapping[str, str],
        examine: "Callable[[Sequence[str], Path, Mapping[str, str]], Checks | None]",
    ) -> None:
        self.config = config
        self.folder = folder
        self.command = command
        self.problems = problems
        self.promised = promised
        self.examine = examine
        self.summary: list[tuple[str, str]] = []
        self._before = before

    def ask(self, key: str, function: Callable[[DictConfig], T]) -> T | None:
        """Return what a function makes of the configuration once all that it refuses is reset; None where it cannot be.

        Args:
            key: what the function is about.
            function: raises a UserError or a MissingExtraError.
        """
        put_back: set[str] = set()
        for _ in range(_MOST):
            try:
                return function(self.config)
            except (UserError, MissingExtraError) as error:
                about = (error.key, *error.involves) if isinstance(error, UserError) else ()
                refused = self._refused(about)
                if refused or put_back.isdisjoint(about):  # Else it was given, and refused before.
                    self.problems.add(error, key)
                if not refused:
                    return None
                put_back.update(refused)
                for name in refused:
                    self._set(name, _get(self._before, name))
            except OmegaConfBaseException as error:
                self.problems.add(from_omegaconf(error, key), key)
                return None
            except (AttributeError, TypeError):
                if not put_back:
                    raise
                return None  # A task is not called without what its first check asks for.
        return None

    def tell(self, heading: str, text: str) -> None:
        """Add a line to what would run."""
        self.summary.append((heading, text))

    def _refused(self, about: Sequence[str]) -> list[str]:
        """Return the keys that an error is about whose value was another before the command; a group counts with its keys."""
        now = OmegaConf.to_container(self.config)
        leaves = [leaf for key in about if key for leaf in _leaves(_get(now, key), f"{key}.")]
        return [key for key in leaves if _get(now, key) != _get(self._before, key)]

    def _set(self, key: str, value: Any) -> None:
        parent, _, name = key.rpartition(".")
        node = OmegaConf.select(self.config, parent) if parent else self.config
        if value is _NONE:
            del node[name]
        else:
            OmegaConf.update(self.config, key, value, merge=False, force_add=True)


_NONE = object()


def _get(content: Any, key: str) -> Any:
    for part in key.split("."):
        if not isinstance(content, dict) or part not in content:
            return _NONE
        content = content[part]
    return content


def _leaves(content: Any, prefix: str = "") -> list[str]:
    if not isinstance(content, dict):
        return [prefix.rstrip(".")]
    return [leaf for key, value in content.items() for leaf in _leaves(value, f"{prefix}{key}.")]
