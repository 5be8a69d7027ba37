"""The private parts of Lightning that this project uses, all of them: a version without one is named in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb
from typing import Any

import pytorch_lightning as pl
from pytorch_lightning.__version__ import version

from zen_lightning.errors import UserError

MADE_FOR = "2.6"
"""The versions of Lightning whose private parts are known; pyproject.toml requires at least 2.6.6."""


def _changed(part: str) -> UserError:
    return UserError(
        f"pytorch-lightning {version} has no {part}, which this project relies on",
        remedy=f"install a version that it was made for: pip install 'pytorch-lightning=={MADE_FOR}.*'",
    )


try:
    from lightning_fabric.utilities.distributed import _set_num_threads_if_needed as set_threads
    from pytorch_lightning.strategies.launchers.subprocess_script import _SubprocessScriptLauncher as SubprocessLauncher
except ImportError as _error:
    raise _changed(str(_error)) from _error

__all__ = [
    "MADE_FOR",
    "SubprocessLauncher",
    "first_error",
    "ignore_signals",
    "never_broadcast_sigterm",
    "set_launcher",
    "set_threads",
]

if not hasattr(SubprocessLauncher, "_call_children_scripts"):
    raise _changed("_SubprocessScriptLauncher._call_children_scripts")


def set_launcher(trainer: pl.Trainer, launcher: SubprocessLauncher) -> None:
    """Give the trainer's strategy another launcher.

    Raises:
        UserError: this version of Lightning keeps it elsewhere; so for the functions below.
    """
    _replace(trainer.strategy, "_launcher", launcher)


def ignore_signals(trainer: pl.Trainer) -> None:
    """Keep the trainer from handling SIGTERM."""
    _replace(_part(trainer, "_signal_connector"), "register_signal_handlers", _nothing)


def never_broadcast_sigterm(trainer: pl.Trainer) -> None:
    """Keep the trainer from telling all processes, at every step, whether the first received SIGTERM, and waiting."""
    _replace(trainer.fit_loop.epoch_loop, "_broadcast_sigterm_tensor", _nothing)


@contextmanager
def first_error() -> Iterator[None]:
    """Raise what ended a run, where Lightning's clean-up after it fails too and would hide it.

    So it does where Ctrl-C comes while the loaders start their workers: the loops are not complete then.
    """
    try:
        yield
    except Exception as error:
        first = error.__context__
        if first is None or not any(frame.f_code.co_name in _CLEAN_UP for frame, _ in walk_tb(error.__traceback__)):
            raise
        try:
            raise first
        except KeyboardInterrupt:
            raise SystemExit(1)  # noqa: B904  # As Lightning does it: who catches it looks for its context.


_CLEAN_UP = ("_interrupt", "_teardown")
"""Functions of Lightning that clean up after an error."""


def _part(owner: object, name: str) -> Any:
    if not hasattr(owner, name):
        raise _changed(f"{type(owner).__name__}.{name}")
    return getattr(owner, name)


def _replace(owner: object, name: str, value: object) -> None:
    _part(owner, name)
    setattr(owner, name, value)


def _nothing() -> None:
    """Do nothing."""
