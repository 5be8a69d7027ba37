"""Runs the command line in this process, which is faster than a new one."""

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hydra.core.global_hydra import GlobalHydra

from zen_lightning.cli import main


@dataclass
class Finished:
    """How a command ended."""

    code: int
    out: str
    err: str


Zen = Callable[..., Finished]


@pytest.fixture
def zen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Zen:
    """Give a function that runs ``zen-lightning`` with arguments."""

    def run(*arguments: str) -> Finished:
        monkeypatch.setenv("HYDRA_FULL_ERROR", os.environ.get("HYDRA_FULL_ERROR", "0"))
        monkeypatch.setattr(sys, "argv", ["run.py", *arguments])
        GlobalHydra.instance().clear()
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = int(stop.code or 0)
        finally:
            monkeypatch.setenv("HYDRA_FULL_ERROR", "0")
        captured = capsys.readouterr()
        return Finished(code, captured.out, captured.err)

    return run
