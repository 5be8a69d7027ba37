"""Composes the configuration of a command as Hydra would, without running anything."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from hydra._internal.hydra import Hydra
from hydra._internal.utils import create_config_search_path
from hydra.core.config_search_path import SearchPathQuery
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.initialize import get_gh_backup, restore_gh_from_backup
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from zen_lightning.system.conf_dir import conf_dir

_WHOLE = ("experiment", "local", "debug")
"""Groups that set keys of many others."""


@contextmanager
def composed(overrides: Sequence[str], folders: Sequence[Path] = ()) -> Iterator[DictConfig]:
    """Give the configuration of a command, with Hydra's own beside it as in a task; keys may be changed and added.

    Args:
        overrides: the overrides of the command.
        folders: the configuration folders that are searched besides the shipped one (``--config-dir``).

    Raises:
        HydraException: it cannot be composed.
        OmegaConfBaseException: likewise.
    """
    before, outer = HydraConfig.instance().cfg, get_gh_backup()
    GlobalHydra.instance().clear()
    try:
        with initialize_config_dir(str(conf_dir()), version_base="1.3"):
            if folders:
                _search_also(folders)
            config = compose("config", list(overrides), return_hydra_config=True)
            HydraConfig.instance().set_config(config)
            OmegaConf.set_struct(config, False)
            del config["hydra"]
            yield config
    finally:
        HydraConfig.instance().cfg = before
        restore_gh_from_backup(outer)


def reference(config: DictConfig, choices: dict[str, str]) -> dict[Any, Any]:
    """Return the configuration of the same choices of groups, without values of the command, an experiment or a machine.

    Args:
        config: the configuration of the command, composed at this moment.
        choices: the choices of groups.
    """
    groups = [
        f"{group}={choice}" for group, choice in choices.items() if group not in _WHOLE and not {"/", "@"}.intersection(group)
    ]
    try:
        plain = OmegaConf.to_container(compose("config", groups))
    except (HydraException, OmegaConfBaseException):
        plain = OmegaConf.to_container(config)
    assert isinstance(plain, dict)
    return plain


def _search_also(folders: Sequence[Path]) -> None:
    path = create_config_search_path(str(conf_dir()))
    for folder in folders:
        path.prepend("command-line", f"file://{folder.absolute()}", SearchPathQuery(provider="schema"))
    GlobalHydra.instance().clear()
    Hydra.create_main_hydra2("zen_lightning", path)
