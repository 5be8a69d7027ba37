"""Names that an override may begin with: groups of YAML files, and keys at the root that are none."""

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from zen_lightning.cli.typed import PATH_KEYS
from zen_lightning.config.schema import PLAIN, keys_of_tasks
from zen_lightning.errors import UserError
from zen_lightning.system.conf_dir import conf_dir
from zen_lightning.system.yaml_files import read_yaml


class Names(NamedTuple):
    """Names at the root of the configuration.

    Attributes:
        groups: of YAML files: those that ship, ``local``, which a user's own folder of configuration may have, and its others.
        keys: that hold values of their own, and no choice of a YAML.
    """

    groups: frozenset[str]
    keys: frozenset[str]


@cache
def _shipped() -> Names:
    groups = frozenset(("local", *(path.name for path in conf_dir().iterdir() if path.is_dir())))
    return Names(groups, (keys_of_tasks() | {*PLAIN, *PATH_KEYS}) - groups)


def names_with(folders: Sequence[Path]) -> Names:
    """Return the names that hold with a user's own folders of configuration.

    Args:
        folders: that the command line names. Of their YAMLs those of tasks say which keys a task of one's own has.
    """
    shipped = _shipped()
    groups = shipped.groups.union(entry.name for one in folders if one.is_dir() for entry in one.iterdir() if entry.is_dir())
    return Names(groups, shipped.keys.union(*map(_keys, folders)) - groups)


def _keys(folder: Path) -> Iterator[str]:
    for path in sorted((folder / "task").glob("*.yaml")):
        try:
            content = read_yaml(path)
        except (OSError, UserError):  # Hydra says what is wrong with it, where it is chosen.
            continue
        yield from map(str, content) if isinstance(content, dict) else ()
