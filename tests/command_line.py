"""Runs the command line in this process, which is faster than a new one."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from zen_lightning.cli.main import main
from zen_lightning.config import conf_dir, register
from zen_lightning.system.own_modules import PLACE


@dataclass
class Finished:
    """How a command ended."""

    code: int
    out: str
    err: str


Zen = Callable[..., Finished]


def run_in_process(*arguments: str, patch: pytest.MonkeyPatch, captured: pytest.CaptureFixture[str]) -> Finished:
    """Run ``zen-lightning`` with arguments.

    Hydra would compose the configuration once more, to read ``hydra.mode`` alone, which nobody sets: that takes as long as all
    else that most of these commands do.
    """
    patch.setattr("hydra._internal.hydra.Hydra.get_mode", lambda *_, **__: None)
    patch.setenv("HYDRA_FULL_ERROR", os.environ.get("HYDRA_FULL_ERROR", "0"))
    patch.setattr(sys, "argv", ["run.py", *arguments])
    if PLACE not in os.environ:  # Each command is one of its own; what it notes is gone when the test ends.
        patch.setenv(PLACE, os.getcwd())
    GlobalHydra.instance().clear()
    captured.readouterr()
    try:
        main()
        code = 0
    except SystemExit as stop:
        code = int(stop.code or 0)
    finally:
        patch.setenv("HYDRA_FULL_ERROR", "0")
    printed = captured.readouterr()
    return Finished(code, printed.out, printed.err)


def composed(*overrides: str) -> DictConfig:
    """Return the configuration of a command line."""
    register()
    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        return compose("config", list(overrides))


def choices(group: str) -> list[str]:
    """Return what ships of a group of the configuration."""
    return sorted(path.stem for path in (conf_dir() / group).glob("*.yaml"))


class HydraConfigFor:
    """A composed configuration with Hydra's own beside it, as a task sees it; use it as a context manager."""

    def __init__(self, *overrides: str) -> None:
        self._overrides = list(overrides)

    def __enter__(self) -> DictConfig:
        register()
        with initialize_config_dir(str(conf_dir()), version_base="1.3"):
            config = compose("config", self._overrides, return_hydra_config=True)
        HydraConfig.instance().set_config(config)
        OmegaConf.set_struct(config, False)
        del config["hydra"]
        OmegaConf.set_struct(config, True)
        return config

    def __exit__(self, *_: object) -> None:
        HydraConfig.instance().cfg = None
