"""Runs a task, with all that goes around it: its trackers, a profile of its time, its report."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from zen_lightning.config.keys import foreign_keys
from zen_lightning.config.plain import plain
from zen_lightning.config.ranges import range_problems
from zen_lightning.errors import UserError
from zen_lightning.runs.command import Command
from zen_lightning.runs.going_on import going_on
from zen_lightning.system.device import check_device
from zen_lightning.system.last_words import last_words
from zen_lightning.system.own_modules import import_own
from zen_lightning.system.processes import is_main_process
from zen_lightning.system.requeue import leave_sigterm
from zen_lightning.tasks.announcing import announce
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.debugging import profiled
from zen_lightning.tasks.passing import checked_class
from zen_lightning.tasks.tracking import tracked


def run_task(config: DictConfig, folder: Path, command: Command) -> float | None:
    """Run the task of a configuration, and leave its report.

    Args:
        config: the composed configuration.
        folder: of the run.
        command: what the command line said.

    Returns:
        what sweepers optimise, where the task has such a number.

    Raises:
        UserError: something in the configuration cannot be used.
    """
    import_own(plain(config.imports))
    announce(config, folder)
    kind = task_class(config)
    for problem in task_problems(config, [kind]):
        raise problem
    passed = kind.passes_on(config, command)
    for problem in task_problems(config, [kind, *passed]) if passed else ():
        raise problem
    for problem in foreign_keys(kind, config, command.overrides, passed):
        raise problem
    check_task(config, command, [kind, *passed])
    if not kind.resumed_by_schedulers:
        leave_sigterm()
    task = kind(config, folder, command)
    with _told_of_sigterm(folder), tracked(config, folder, command):
        with profiled(config, folder):
            result = task.run()
        from zen_lightning.tasks.many.run_report import leave_report  # It knows how reports look.

        leave_report(folder, kind)
    return result


def _told_of_sigterm(folder: Path) -> AbstractContextManager[None]:
    """Have SIGTERM told with how the run goes on, unless the task does something of its own about it."""
    if not is_main_process():
        return nullcontext()
    return last_words(lambda: f"stopped by SIGTERM; {going_on(folder) or 'start the same command again'}")


def task_problems(config: DictConfig, tasks: Sequence[type[Task[Any]]]) -> Iterator[UserError]:
    """Yield an error for every key out of its range; see :func:`~zen_lightning.config.ranges.range_problems`."""
    return range_problems(config, tasks, _words(config, tasks))


def check_task(config: DictConfig, command: Command, tasks: Sequence[type[Task[Any]]]) -> None:
    """Raise a UserError unless ``device=`` is the name of a device, and the task is called as its YAML has it.

    Whether the device is here is asked by what computes on it: closed forms do not, nor does this machine if a cluster scores.
    """
    if "task.name" in command.keys:
        raise UserError(key="task.name", value=config.task.name, expected="task=NAME, which says the class too")
    words = _words(config, tasks)
    if "device" not in words:
        check_device(config.device)
    if "latency.device" in command.keys:  # A search that does not limit the latency does not look at it.
        check_device(config.latency.device, "latency.device")


def _words(config: DictConfig, tasks: Sequence[type[Task[Any]]]) -> frozenset[str]:
    return frozenset(key for task in tasks for key in task.words(config))


def task_class(config: DictConfig) -> type[Task[Any]]:
    """Return the class of the task of a configuration.

    Raises:
        UserError: it cannot be imported, or is no task.
    """
    return checked_class(config.task)
