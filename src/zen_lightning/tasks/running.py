"""Runs a task, with all that goes around it: its trackers, a profile of its time, its report."""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from zen_lightning.config.keys import foreign_keys
from zen_lightning.config.plain import plain
from zen_lightning.config.ranges import range_problems
from zen_lightning.errors import UserError
from zen_lightning.runs.command import Command
from zen_lightning.system.device import check_device
from zen_lightning.system.own_modules import import_own
from zen_lightning.system.requeue import leave_sigterm
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
    kind = task_class(config)
    for problem in range_problems(config, [kind]):
        raise problem
    passed = kind.passes_on(config, command)
    for problem in range_problems(config, [kind, *passed]) if passed else ():
        raise problem
    for problem in foreign_keys(kind, config, command.overrides, passed):
        raise problem
    check_task(config, command)
    if not kind.resumed_by_schedulers:
        leave_sigterm()
    task = kind(config, folder, command)
    with tracked(config, folder, command):
        with profiled(config, folder):
            result = task.run()
        from zen_lightning.tasks.many.run_report import leave_report  # It knows how reports look.

        leave_report(folder, kind)
    return result


def check_task(config: DictConfig, command: Command) -> None:
    """Raise a UserError unless ``device=`` is the name of one that is here, and the task is called as its YAML has it."""
    if "task.name" in command.keys:
        raise UserError(key="task.name", value=config.task.name, expected="task=NAME, which says the class too")
    check_device(config.device)
    if config.device.startswith("cuda"):
        from zen_lightning.proxy.failures import require_device

        require_device(config.device)


def task_class(config: DictConfig) -> type[Task[Any]]:
    """Return the class of the task of a configuration.

    Raises:
        UserError: it cannot be imported, or is no task.
    """
    return checked_class(config.task)
