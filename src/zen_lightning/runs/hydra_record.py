"""Hydra's own record of a run, the folder ``.hydra``: read as plain data, nothing of it is resolved by Hydra or run."""

import re
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from zen_lightning.errors import UserError
from zen_lightning.system.checksums import check_beside
from zen_lightning.system.files import keep, write_text
from zen_lightning.system.ordinary_file import holds_file
from zen_lightning.system.yaml_check import check_size
from zen_lightning.system.yaml_files import parse_yaml

_FOLDER = ".hydra"
_REFERENCE = re.compile(r"\$\{([\w.]+)\}")
_DEEPEST = 8
"""Levels of references to references. A choice: more than the shipped configuration has; it ends circular ones."""


class HydraRecord:
    """What Hydra recorded about a run; a file that is missing, or no YAML, counts as empty.

    Args:
        folder: the folder of the run.

    Raises:
        UserError: as a file is read that is no file, is too large or unreadable, or is not as it was written by its checksum.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / _FOLDER

    @property
    def exists(self) -> bool:
        """Whether Hydra recorded the overrides of a command."""
        return (self._folder / "overrides.yaml").is_file()

    @cached_property
    def overrides(self) -> list[str] | None:
        """The overrides of the last command that named the folder; None where they cannot be read."""
        found = _load(self._folder / "overrides.yaml")
        return [str(override) for override in found] if isinstance(found, list) else None

    @cached_property
    def settings(self) -> dict[str, Any]:
        """The composed configuration as plain values; what refers to others is not resolved."""
        found = _load(self._folder / "config.yaml")
        return found if isinstance(found, dict) else {}

    @cached_property
    def choices(self) -> dict[str, str]:
        """The choice of each group, without Hydra's own."""
        found = self._runtime.get("choices")
        pairs = found.items() if isinstance(found, dict) else ()
        return {str(group): str(choice) for group, choice in pairs if choice is not None and "/" not in str(group)}

    @cached_property
    def folders(self) -> list[str]:
        """The folders of configuration that the command named by ``--config-dir``."""
        sources = self._runtime.get("config_sources")
        listed = [source for source in sources if isinstance(source, dict)] if isinstance(sources, list) else []
        return [str(source.get("path")) for source in listed if source.get("provider") == "command-line"]

    def select(self, key: str) -> Any:
        """Return a value of the configuration by its dotted key, where it refers to another that one; None without one."""
        value = select(self.settings, key)
        for _ in range(_DEEPEST):
            match = _REFERENCE.fullmatch(value) if isinstance(value, str) else None
            if match is None:
                break
            value = select(self.settings, match.group(1))
        return None if isinstance(value, str) and "${" in value else value

    @cached_property
    def _runtime(self) -> dict[str, Any]:
        found = select(_load(self._folder / "hydra.yaml"), "hydra.runtime")
        return found if isinstance(found, dict) else {}


def select(node: Any, key: str) -> Any:
    """Return a value of nested mappings by its dotted key; None where there is none.

    Example:
        >>> select({"recipe": {"lr": 0.1}}, "recipe.lr")
        0.1
    """
    for part in key.split("."):
        node = node.get(part) if isinstance(node, dict) else None
    return node


def keep_checksums(folder: Path) -> None:
    """Keep the checksums of what Hydra has just recorded about the run in a folder, where it did."""
    for path in (folder / _FOLDER).glob("*.yaml"):
        keep(path, path)


def record_choice(folder: Path, group: str, choice: str, content: Any) -> None:
    """Write down the choice of a group that a task made itself, in the place of what Hydra had recorded.

    Args:
        folder: the folder of the run.
        group: the group, which has a node of its name.
        choice: the choice.
        content: the node, as plain values.
    """
    changes = {"config.yaml": ((group,), content), "hydra.yaml": (("hydra", "runtime", "choices", group), choice)}
    for name, (keys, value) in changes.items():
        path = folder / _FOLDER / name
        found = _load(path)
        node = select(found, ".".join(keys[:-1])) if keys[:-1] else found
        if isinstance(node, dict):
            node[keys[-1]] = value
            write_text(path, yaml.safe_dump(found, sort_keys=False, allow_unicode=True))
            keep(path, path)


def _load(path: Path) -> Any:
    if not holds_file(path):
        return None
    try:
        check_size(path)
        check_beside(path, "run it again, in another folder")
        content = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError:
        return None
    try:
        return parse_yaml(content)
    except ValueError:
        return None
