"""Commands that run in this process, one after another: what imports and reads of ``conf/`` cost is paid once for hundreds."""

import contextlib
import copy
import dataclasses
import io
import multiprocessing
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from hydra._internal.config_repository import ConfigRepository
from hydra._internal.hydra import Hydra
from hydra.core.global_hydra import GlobalHydra

from zen_lightning.cli.main import execute, explain
from zen_lightning.launch import child
from zen_lightning.launch.job import Job
from zen_lightning.report import png
from zen_lightning.tasks.many import run_report


def run_in_this_process() -> None:
    """Leave out HTML reports and plots, read each file of ``conf/`` once, and fork the jobs of sweeps from this process."""
    child._process = _forked
    run_report.leave_report = lambda folder, kind: None  # type: ignore[assignment]
    png.draw = _undrawn  # type: ignore[assignment]
    torch.set_num_threads(1)  # Threads do not survive a fork: jobs would wait for them.
    _read_conf_once()


def run(*arguments: str) -> str | None:
    """Run a command; return None, or why it failed."""
    GlobalHydra.instance().clear()
    with _captured() as said:
        try:
            execute(list(arguments))
        except SystemExit as stop:
            return None if not stop.code else said.read_text(errors="replace")[-300:]
        except Exception as error:
            return explain(error) or f"{type(error).__name__}: {error}"
    return None


def then(first: str | None, *arguments: str) -> str | None:
    """Run a command after another one, unless that has failed."""
    return run(*arguments) if first is None else f"before resume: {first}"


def _forked(job: Job) -> Any:
    """Return the process of a job of a sweep, forked from this one, which has everything imported."""
    return multiprocessing.get_context("fork").Process(target=_run_forked, args=(job,))


def _run_forked(job: Job) -> None:
    GlobalHydra.instance().clear()
    child._run(job)


def _read_conf_once() -> None:
    """Let Hydra keep what it reads from ``conf/``, and compose once a command, not once more for ``hydra.mode``."""
    read, known = ConfigRepository.load_config, dict[str, Any]()

    def load_config(self: ConfigRepository, config_path: str) -> Any:
        if config_path not in known:
            known[config_path] = read(self, config_path)
        found = known[config_path]
        if found is None:
            return None
        own = {name: copy.deepcopy(getattr(found, name)) for name in ("config", "header", "defaults_list")}
        return dataclasses.replace(found, **own)

    ConfigRepository.load_config = load_config  # type: ignore[method-assign]
    Hydra.get_mode = lambda *_, **__: None  # type: ignore[method-assign]


def _undrawn(path: Path, *_: Any, **__: Any) -> None:
    """Leave an empty file in place of a plot."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


@contextlib.contextmanager
def _captured() -> Iterator[Path]:
    """Send what this process and those it starts print to a file."""
    with tempfile.NamedTemporaryFile("w+") as file:
        before = {number: os.dup(number) for number in (1, 2)}
        try:
            for number in before:
                os.dup2(file.fileno(), number)
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                yield Path(file.name)
        finally:
            for number, copy in before.items():
                os.dup2(copy, number)
                os.close(copy)
