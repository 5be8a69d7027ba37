"""Asks what a task would ask, notes each refusal, puts the refused value back and asks again."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.problems import Problems
from zen_lightning.tasks.many.validation.composing import reference

T = TypeVar("T")
_NAMED = re.compile(r"(?<![\w.])([a-z_]\w*(?:\.\w+)*)(?==)|unknown key ([\w.]+)")
_MOST = 100


class Trial:
    """A command under examination.

    The functions that a task checks its configuration with stop at the first thing that is wrong. Here they are called again
    after each: a value that was refused is put back to what it is without the command and its experiment. So the same
    functions tell all that is wrong.

    Args:
        config: of the command; values that are refused are put back in it.
        folder: that the run would write to.
        problems: that are found.
        promised: structures that earlier stages of a pipeline will leave, by the folder that they will be in.

    Attributes:
        config: as above.
        folder: as above.
        problems: as above.
        promised: as above.
        summary: what would run, as pairs of a heading and a text.
    """

    def __init__(self, config: DictConfig, folder: Path, problems: Problems, promised: dict[str, str] | None = None) -> None:
        self.config = config
        self.folder = folder
        self.problems = problems
        self.promised = promised or {}
        self.summary: list[tuple[str, str]] = []
        self._before = reference(config)

    def ask(self, key: str, function: Callable[[DictConfig], T]) -> T | None:
        """Return what a function makes of the configuration once all that it refuses is put back; None where it cannot be.

        Args:
            key: what the function is about.
            function: raises a UserError or a MissingExtraError.
        """
        put_back: set[str] = set()
        for _ in range(_MOST):
            try:
                return function(self.config)
            except (UserError, MissingExtraError) as error:
                if any(f"needs {name}=" in str(error) for name in put_back):
                    return None  # It was given, and refused.
                refused = self._refused(str(error))
                self.problems.add(str(error), key, refused[0] if refused else None)
                if not refused:
                    return None
                put_back.update(refused)
                for name in refused:
                    self._set(name, _get(self._before, name))
            except OmegaConfBaseException as error:
                self.problems.add(f"{error.full_key or key}: {str(error.msg or error).splitlines()[0]}", key)
                return None
            except (AttributeError, TypeError):
                if not put_back:
                    raise
                return None  # A task is not called without what its first check asks for.
        return None

    def tell(self, heading: str, text: str) -> None:
        """Add a line to what would run."""
        self.summary.append((heading, text))

    def _refused(self, message: str) -> list[str]:
        """Return the keys of the first value that a message names and that was another before; several may hold it."""
        now = OmegaConf.to_container(self.config)
        for match in _NAMED.finditer(message):
            name = match.group(1) or match.group(2)
            keys = [name] if _get(now, name) is not _NONE else [key for key in _leaves(now) if key.endswith(f".{name}")]
            changed = [key for key in keys if _get(now, key) != _get(self._before, key)]
            if changed:
                return changed
        return []

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
