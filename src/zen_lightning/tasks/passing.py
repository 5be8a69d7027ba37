"""What a command that starts others passes on to them: to each what its task reads."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from omegaconf import OmegaConf

from zen_lightning.config import conf_dir, target_of
from zen_lightning.config.keys import reads
from zen_lightning.config.sources import load_config_file
from zen_lightning.errors import UserError
from zen_lightning.runs.overrides import parse_overrides
from zen_lightning.tasks.base import Task


def read_by(task: type[Task[Any]], overrides: Sequence[str]) -> list[str]:
    """Return the overrides that a task reads."""
    return [one.whole for one in parse_overrides(overrides) if reads(task, one)]


def task_named(name: str, folders: Sequence[Path] = ()) -> type[Task[Any]]:
    """Return the class of the task that ``task=`` names.

    Args:
        name: the name of a YAML in ``conf/task``, or in the folder ``task`` of a ``--config-dir``.
        folders: the configuration folders that are searched besides the shipped one.

    Raises:
        UserError: there is no such task, or its class cannot be imported.
    """
    places = [folder / "task" for folder in (*folders, conf_dir())]
    known = {path.stem: path for place in reversed(places) for path in place.glob("*.yaml")}
    if name not in known:
        raise UserError(key="task", value=name, choices=sorted(known))
    content = load_config_file(known[name])
    return checked_class(OmegaConf.select(content, "task") or content)


def checked_class(node: Any) -> type[Task[Any]]:
    """Return the class that a node names; errors as for :func:`task_named`."""
    target, _ = target_of(node, "task", Task)
    assert isinstance(target, type)
    return target
