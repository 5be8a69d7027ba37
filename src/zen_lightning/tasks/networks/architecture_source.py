"""The networks that ``arch=`` names."""

from typing import Any

from omegaconf import DictConfig

from zen_lightning.api.sources import Setting, read_architecture
from zen_lightning.api.sources import read_setting as setting_of
from zen_lightning.config.plain import plain
from zen_lightning.errors import UserError
from zen_lightning.runs.command import Command

__all__ = ["Setting", "read_architecture", "read_setting", "read_sources"]


def read_setting(config: DictConfig, command: Command, source: str) -> Setting:
    """Return what an architecture is looked at with: as published for a name of the zoo, as recorded for the folder of a run.

    What the command line says of ``resolution`` and ``num_classes``, itself or by a budget or an experiment, overrides it;
    ``use_se`` too.

    Raises:
        UserError: a resolution or classes below 1.
    """
    return setting_of(source, **setting_arguments(config, command))


def setting_arguments(config: DictConfig, command: Command) -> dict[str, Any]:
    """Return what a command says of resolution, classes and SE, as arguments of the functions of ``zl``."""
    named = command.sets("budget", "experiment")
    said = {key: config[key] for key in ("resolution", "num_classes") if named or command.sets(key)}
    return {**said, "use_se": config.get("use_se"), "fallback": Setting(config.resolution, config.num_classes)}


def read_sources(config: DictConfig) -> list[str]:
    """Return what ``arch=`` names, one source or a list of them, for :func:`read_architecture`.

    Raises:
        UserError: it names none.
    """
    wanted = plain(config.arch, resolve=False)
    sources = [str(source) for source in (wanted if isinstance(wanted, list) else [wanted]) if source is not None]
    if not sources:
        remedy = "a structure, a name of the zoo, a file, the folder of a run, or a list of them"
        raise UserError(f"task={config.task.name} needs arch=", key="arch", remedy=remedy)
    return sources
