"""A job: one command, run in a folder of its own. The jobs of a sweep, a tuning's trials and a pipeline's stages are such."""

import math
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout, suppress
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from zen_lightning.launch.job_record import Ended, State, read_done, write_begun, write_ended
from zen_lightning.runs.scale import scale_of
from zen_lightning.search.processes import limit_threads
from zen_lightning.system.cores import SHARE
from zen_lightning.system.full_disk import is_full_disk, no_room
from zen_lightning.system.locks import locked
from zen_lightning.system.ordinary_file import holds_file
from zen_lightning.system.visible import print_visibly

COMMANDS = "zen_lightning.cli.main"
"""What runs a command in this process. It is above this room, since commands start jobs: so it is known by its name."""

LOG = "job.log"
"""The file of a job's output, if several run at a time."""

_STOPPED = (75, 130, 143)
"""Exit codes of a command that was asked to stop, by a scheduler, Ctrl-C or SIGTERM: it has saved, and can be started again."""


class Job(NamedTuple):
    """A command to run.

    Attributes:
        number: the number, among those that are run together, from 0.
        overrides: what it is known by: a job with others is another.
        arguments: the arguments of the command line.
        folder: where its files go, an absolute path.
        directory: the directory to run in.
        title: what messages call it; by default "job" and its number.
        environment: variables that it is given, by name.
        logged: whether what it prints goes to the file ``job.log``, and not to the terminal.
        threads: the threads of torch, and the number of cores that it uses; None: all.
        gpu: the only one that it sees, as CUDA_VISIBLE_DEVICES names it; None: all there are.
    """

    number: int
    overrides: tuple[str, ...]
    arguments: tuple[str, ...]
    folder: str
    directory: str
    title: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    logged: bool = True
    threads: int | None = None
    gpu: str | None = None

    @property
    def name(self) -> str:
        """The name of the job in messages."""
        return self.title or f"job {self.number}"


def run_job(job: Job, node: str = "", goes_on: Callable[[], bool] = lambda: False) -> Ended:
    """Run a job in this process, which is then of no use for another.

    If another process is running it, this waits until that is over; if it is done then, it is not run again. What became of it
    is also left in its folder.

    Args:
        job: the job to run.
        node: the node of the cluster that this process is on, if it is on one.
        goes_on: says, when this process is told to exit, whether the job then goes on elsewhere.

    Raises:
        SystemExit: the job goes on elsewhere.
    """
    # "" is the working directory, which is about to be one that a file names: no module may come from there.
    sys.path[:] = [os.path.abspath(entry) for entry in sys.path]
    if Path(job.directory).is_dir():
        os.chdir(job.directory)
    os.environ.update(job.environment)
    limit_threads(job.threads)
    if job.threads is not None:
        os.environ[SHARE] = str(job.threads)
    if job.gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = job.gpu
    try:
        return _run_in(Path(job.folder), job, node, goes_on)
    except OSError as error:
        room = no_room(error)
        if room is None:
            raise
        return Ended(State.STOPPED, error=room.said, code=1)


def _run_in(folder: Path, job: Job, node: str, goes_on: Callable[[], bool]) -> Ended:
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / ".job.lock"):
        ended = read_done(folder, job.overrides)
        if ended is None:
            write_begun(folder, job.number, job.overrides, node)
            with _output_to(folder / LOG) if job.logged else nullcontext():
                ended = _execute(job.arguments, goes_on)
            if ended.objective is not None:
                ended = ended._replace(scale=scale_of(folder))
            with suppress(OSError):  # The disk is full, perhaps: what runs the job says so.
                write_ended(folder, job.number, job.overrides, ended)
    return ended


def _execute(arguments: tuple[str, ...], goes_on: Callable[[], bool]) -> Ended:
    main = import_module(COMMANDS)

    # What the process of the sweep has there is meant for Hydra.
    os.environ.pop("HYDRA_FULL_ERROR", None)
    began = time.monotonic()
    state, objective, reason, code = State.FAILED, None, "", 0
    try:
        objective = _objective(main.execute(list(arguments), contained=True))
        state = State.DONE
    except KeyboardInterrupt:
        state, reason, code = State.STOPPED, "it was stopped", 130
    except SystemExit as stop:
        if goes_on():
            raise
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        state, reason = how_exited(code)
    except (BrokenPipeError, main.PipeClosed):
        main.silence_output()
        state, reason, code = State.STOPPED, "the reader of its output has gone", 141
    except Exception as error:
        message, code = main.explain(error), 2
        if message is None:
            traceback.print_exc()
            message, code = f"{type(error).__name__}: {error}", 1
        else:
            print(f"error: {message}", file=sys.stderr)
        reason = message.splitlines()[0]
        if is_full_disk(error):
            state = State.STOPPED  # Nothing is wrong with the job: with room, it goes on.
    return Ended(state, round(time.monotonic() - began, 3), objective, reason, code)


def how_exited(code: int) -> tuple[State, str]:
    """Return the state of a command that exited with a code, and why it is not done."""
    if code == 0:
        return State.DONE, ""
    if code in _STOPPED:
        return State.STOPPED, "it was stopped, and has saved"
    return State.FAILED, f"it ended with code {code}"


def _objective(returned: Any) -> float | list[float] | None:
    """Return what a task returned, if it is a number, or several, that can be compared."""
    if isinstance(returned, list | tuple):
        values = [_objective(value) for value in returned]
        return [value for value in values if isinstance(value, float)] if all(isinstance(v, float) for v in values) else None
    return float(returned) if isinstance(returned, int | float) and math.isfinite(returned) else None


@contextmanager
def _output_to(path: Path) -> Iterator[None]:
    """Append what this process and those that it starts print to a file."""
    # Left open: loggers that a task has set up may still write to it as the process ends.
    holds_file(path)
    file = path.open("a", buffering=1, encoding="utf-8", errors="replace")
    print_visibly(file)
    before = {number: os.dup(number) for number in (1, 2)}
    try:
        for number in before:
            os.dup2(file.fileno(), number)
        with redirect_stdout(file), redirect_stderr(file):
            yield
    finally:
        file.flush()
        for number, copy in before.items():
            os.dup2(copy, number)
            os.close(copy)
