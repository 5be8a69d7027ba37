"""How a training or an evaluation ends that does not come to its end: one sentence, and a code that tells what to do."""

import contextlib
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytorch_lightning as pl
import torch
from torch import distributed

from zen_lightning.data.worker import worker_failure
from zen_lightning.errors import UserError, with_causes
from zen_lightning.runs.command_line import resuming
from zen_lightning.system.main_process import GONE_CODE, WithMain, is_beside_main
from zen_lightning.system.requeue import watch
from zen_lightning.system.signal_watch import tell
from zen_lightning.training.checkpoint_io import BackgroundCheckpointIO
from zen_lightning.training.checkpoints import LAST, NOTHING
from zen_lightning.training.interruption import Interrupted, Interruption
from zen_lightning.training.launcher import Launcher, exit_code, is_stop
from zen_lightning.training.lightning_internals import SubprocessLauncher, set_launcher
from zen_lightning.training.writer import BackgroundWriter

_LOST = ("Connection closed by peer", "Connection reset by peer", "gloo/transport", "Broken pipe", "Connection refused")
"""What torch's errors say where another process of a group is gone; those of gloo have no class of their own."""

_LOST_GRACE = 10.0
"""Seconds to wait for the exit code of a failed process after its connection is lost. A choice: Python ends in one or two."""

_MAIN_FIRST = 3.0
"""Seconds that other processes leave to the main one, to print the error that all have and end them. A choice."""

_MISTAKE = 2
"""Exit code of a mistake of the user, as of every other command."""


@contextmanager
def ended(trainer: pl.Trainer, interruption: Interruption, folder: Path) -> Iterator[None]:
    """Turn what ends a training early into a sentence and an exit code, and end the other processes of this machine with it.

    Args:
        trainer: the trainer of the training, before it is run.
        interruption: the interruption of the training.
        folder: the folder of the run.

    Raises:
        UserError: memory is short, or a loader's process was killed.
        SystemExit: it was stopped from outside (75, or 130 after Ctrl-C), or another of its processes failed.
    """
    others = watched(trainer, folder)
    gone = f"error: the main process of this training is gone, perhaps killed; continue with {resuming(folder)}"
    with _together(trainer, others, folder, gone):
        try:
            yield
        except Interrupted as stop:
            if trainer.is_global_zero:
                print(f"\n{_stopped(stop, folder)}", flush=True)
            if others is not None:
                # Those that have taken a step agreed on where to end, and do so.
                others.end(None if interruption.has_stepped else signal.SIGTERM)
            raise SystemExit(stop.code) from None


@contextmanager
def evaluation_ended(trainer: pl.Trainer) -> Iterator[None]:
    """Do the same for an evaluation, of which nothing is saved.

    Args:
        trainer: the trainer of the evaluation, before it is run.

    Raises:
        UserError: memory is short, or a loader's process was killed.
        SystemExit: another of its processes failed.
    """
    gone = "error: the main process of this evaluation is gone, perhaps killed; start the command again"
    with _together(trainer, watched(trainer, None), None, gone):
        yield


@contextmanager
def _together(trainer: pl.Trainer, others: Launcher | None, folder: Path | None, gone: str) -> Iterator[None]:
    """End all processes of this machine where one of them fails; ``gone`` is said where that is the main one."""
    main = WithMain(gone)
    try:
        with main, _once_told():
            try:
                yield
            finally:
                _finish_files(trainer)
        if others is not None:
            others.is_ending = True
    except SystemExit as stop:
        if others is not None:
            others.is_ending = True
        if isinstance(stop.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        raise
    except Exception as error:
        is_lost = _is_lost(error)
        failed = others.failed(_LOST_GRACE if is_lost else 0.0) if others is not None else None
        if others is not None:
            # They wait for this process in a collective, and would do so for long.
            others.end(signal.SIGKILL)
        if is_lost:
            main.exit_if_gone(1.0)
            raise SystemExit(_lost(trainer, failed, folder)) from None
        explained = _explain(error, folder)
        if isinstance(explained, UserError) and is_beside_main():
            time.sleep(_MAIN_FIRST)
        if explained is error:
            raise
        raise explained from error


def watched(trainer: pl.Trainer, folder: Path | None) -> Launcher | None:
    """Have the processes that the trainer starts on this machine watched; None where it starts none."""
    theirs = trainer.strategy.launcher
    if not isinstance(theirs, SubprocessLauncher):
        return None
    processes = trainer.world_size

    def on_failure(rank: int, code: int) -> int:
        return _tell_failed(rank, code, processes, folder)

    def is_writing() -> bool:
        writer = _writer(trainer)
        return writer is not None and writer.is_busy

    ours = Launcher(theirs, on_failure, is_writing)
    set_launcher(trainer, ours)
    if not ours.starts_others:
        return None
    watch.before_exit(lambda: ours.end(signal.SIGKILL, 1.0))
    return ours


def _writer(trainer: pl.Trainer) -> BackgroundWriter | None:
    io = trainer.strategy.checkpoint_io
    return io.writer if isinstance(io, BackgroundCheckpointIO) else None


def _finish_files(trainer: pl.Trainer) -> None:
    """Wait for checkpoints that are being written where Lightning has not: its clean-up fails too once a GPU has failed."""
    writer = _writer(trainer)
    if writer is not None:
        with contextlib.suppress(UserError):  # The error that ended the training is the one to report.
            writer.close()


def _stopped(stop: Interrupted, folder: Path) -> str:
    if not (folder / LAST).exists():
        return f"{stop} before there was anything to save: start the same command again"
    if stop.saved == NOTHING:  # This run has not read the checkpoint yet that it continues.
        return f"{stop} before the first step: continue with {resuming(folder)}"
    return f"{stop}; saved after {stop.saved}: continue with {resuming(folder)}"


def _goes_on(folder: Path | None) -> str:
    if folder is None:
        return "start the command again"
    return f"continue with {resuming(folder)}" if (folder / LAST).exists() else "nothing was saved yet: start the command again"


def _lost(trainer: pl.Trainer, failed: tuple[int, int] | None, folder: Path | None) -> int:
    """Tell why the connection to another process was lost, as far as this process knows, and return the code to exit with."""
    if failed is not None:
        return _tell_failed(*failed, trainer.world_size, folder)
    if not is_beside_main():
        tell(
            f"error: process {trainer.global_rank + 1} of {trainer.world_size} lost the connection to another one, which has "
            f"ended: what it wrote last says why; {_goes_on(folder)}"
        )
    return GONE_CODE


def _tell_failed(rank: int, code: int, processes: int, folder: Path | None) -> int:
    if is_stop(code):
        tell(f"\nprocess {rank + 1} of {processes} was stopped (exit code {code}); {_goes_on(folder)}")
    elif code == -signal.SIGKILL:
        tell(
            f"error: process {rank + 1} of {processes} was killed by SIGKILL: memory that ran out is the usual cause. Ask the "
            f"scheduler for more, or lower trainer.loader_workers; {_goes_on(folder)}"
        )
    elif code < 0:
        tell(f"error: process {rank + 1} of {processes} was killed by {_signal(-code)}; {_goes_on(folder)}")
    elif code != _MISTAKE:  # Then it has said what is wrong.
        tell(f"error: process {rank + 1} of {processes} failed, see above (exit code {code}); {_goes_on(folder)}")
    return exit_code(code)


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _explain(error: Exception, folder: Path | None) -> Exception:
    if isinstance(error, torch.OutOfMemoryError) and folder is None:
        return UserError("the memory of the GPU is full", remedy="lower eval_batch_size, or take trainer.precision=16-true")
    if isinstance(error, torch.OutOfMemoryError):
        remedy = (
            "lower recipe.batch_size (half of it with recipe.accumulate=2 keeps the global batch and the learning rate), or "
            "take trainer.precision=bf16-mixed"
        )
        return UserError("the memory of the GPU is full", remedy=remedy)
    what = next(filter(None, map(worker_failure, with_causes(error))), None)
    if what is None:
        return error
    cause = "memory that ran out is the usual cause. Lower trainer.loader_workers, or ask the scheduler for more"
    space = "give the container more (docker run --shm-size=8g, or --ipc=host), or lower trainer.loader_workers"
    return UserError(what, remedy=f"{space if 'shared memory' in what else cause}; {_goes_on(folder)}")


@contextmanager
def _once_told() -> Iterator[None]:
    """Keep Python from writing a traceback where a loader's process was killed at a moment in which nothing can be raised.

    PyTorch raises in a signal handler, wherever the main thread is: in a ``__del__``, say. The next batch says it again.
    """
    before = sys.unraisablehook

    def hook(args: "sys.UnraisableHookArgs") -> None:
        if args.exc_value is None or worker_failure(args.exc_value) is None:
            before(args)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before


def _is_lost(error: BaseException) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, UserError):
            return False
        is_of_torch = isinstance(seen, distributed.DistError) if distributed.is_available() else False
        if is_of_torch or (isinstance(seen, RuntimeError) and any(text in str(seen) for text in _LOST)):
            return True
        seen = seen.__cause__
    return False
