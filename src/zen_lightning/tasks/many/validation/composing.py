"""Composes the configuration of a command as Hydra would; overrides that cannot be are noted and left out."""

import re
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

from zen_lightning.config import conf_dir
from zen_lightning.config.explain import explain_configuration
from zen_lightning.problems import Problems

_WHOLE = ("experiment", "local", "debug")
"""Groups that set keys of many others."""


@contextmanager
def composed(overrides: Sequence[str], folders: Sequence[Path] = ()) -> Iterator[DictConfig]:
    """Give the configuration of a command, with Hydra's own beside it as in a task; keys may be changed and added.

    Args:
        overrides: of the command.
        folders: of configuration, beside the shipped one (``--config-dir``).

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


def composable(overrides: Sequence[str], problems: Problems, folders: Sequence[Path] = ()) -> list[str] | None:
    """Return the overrides without those that keep the configuration from being composed; None where nothing helps.

    Args:
        overrides: of a command.
        problems: gets one for each that is left out.
        folders: as for :func:`composed`.
    """
    kept = list(overrides)
    while True:
        error = _refusal(kept, folders)
        if error is None:
            return kept
        message = explain_configuration(error, kept) or str(error).splitlines()[0]
        culprit = _culprit(kept, error, folders)
        problems.add(message, "command" if culprit is None else _key(culprit))
        if culprit is None:
            return None
        kept.remove(culprit)


def reference(config: DictConfig) -> dict[Any, Any]:
    """Return the configuration of the same choices of groups, without values of the command, an experiment or a machine.

    Args:
        config: of the command, composed at this moment.
    """
    choices = HydraConfig.get().runtime.choices
    groups = [
        f"{group}={choice}"
        for group, choice in choices.items()
        if choice is not None and group not in _WHOLE and not re.search(r"[/@]", group)
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


def _refusal(overrides: list[str], folders: Sequence[Path]) -> Exception | None:
    try:
        with composed(overrides, folders):
            return None
    except (HydraException, OmegaConfBaseException) as error:
        return error


def _culprit(overrides: list[str], error: Exception, folders: Sequence[Path]) -> str | None:
    """Return the override without which there is no error, or another one; those that the error names first."""
    text = f"{error}"
    for override in sorted(overrides, key=lambda override: (override not in text, _key(override) not in text)):
        without = _refusal([other for other in overrides if other != override], folders)
        if without is None or str(without) != text:
            return override
    return None


def _key(override: str) -> str:
    return override.lstrip("+~").partition("=")[0]
