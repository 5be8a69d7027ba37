"""What every task keeps to: keys that its YAML has, checks that start nothing, a result under the header, a report."""

from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import fields
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from omegaconf import DictConfig, OmegaConf

from zen_lightning.config import register
from zen_lightning.config.composing import composed, reference
from zen_lightning.config.keys import foreign_keys, read_keys
from zen_lightning.config.problems import Problems
from zen_lightning.config.schema import GROUPS, PLAIN
from zen_lightning.errors import UserError
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.report import build_report, section_maker
from zen_lightning.runs.command import Command
from zen_lightning.runs.names import RESULT
from zen_lightning.runs.result import read_result
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.system.yaml_files import read_yaml
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.passing import task_named
from zen_lightning.tasks.running import run_task
from zen_lightning.testing.suite import Suite, raises


class TaskCase(NamedTuple):
    """A task.

    Attributes:
        task: its class.
        conf: folder of configuration, in whose folder ``task`` its YAML is.
        overrides: of a small command of it.
    """

    task: type[Task[Any]]
    conf: Path
    overrides: tuple[str, ...]

    @property
    def yaml_keys(self) -> set[str]:
        """The keys at the root that its YAML has for it."""
        content = read_yaml(self.conf / "task" / f"{self.task.name}.yaml")
        return set(content) - {"defaults", "output_dir", *GROUPS}


TASK: Suite[TaskCase] = Suite("task")
"""The checks."""


def check_task(task: type[Task[Any]], conf: str | Path, *overrides: str) -> None:
    """Run a task of your own through what every task keeps to.

    Args:
        task: its class.
        conf: the folder of configuration that is given by ``--config-dir``; its YAML is in the folder ``task`` there.
        overrides: of a small command, such as ``word=zen``; the task is run with them.

    Raises:
        AssertionError: it does not hold everything; the message lists what, with the line that failed.
    """
    TASK.run(TaskCase(task, Path(conf), overrides))


@TASK.add
def _its_yaml_names_its_class(case: TaskCase) -> None:
    found = task_named(case.task.name, [case.conf])
    assert found is case.task, f"task={case.task.name} is {found.__module__}.{found.__qualname__}"


@TASK.add
def _its_class_and_its_yaml_have_the_same_keys(case: TaskCase) -> None:
    own, there = {field.name for field in fields(case.task.Keys)}, case.yaml_keys
    assert own <= {*there, *PLAIN}, f"its YAML has no {', '.join(sorted(own - there - set(PLAIN)))}"
    assert there <= own, f"its class does not read {', '.join(sorted(there - own))}"
    strange = {group.partition(".")[0] for group in case.task.groups} - set(GROUPS)
    assert not strange, f"there are no groups {', '.join(sorted(strange))}"


@TASK.add
def _keys_of_others_are_refused(case: TaskCase) -> None:
    with _composed(case) as (config, _):
        for name in case.yaml_keys:
            assert not list(foreign_keys(case.task, config, [f"{name}=1"])), f"its own {name} is refused"
        for name in ("no_such_key", *(group for group in ("recipe", "teacher") if group not in case.task.groups)):
            assert list(foreign_keys(case.task, config, [f"{name}.x=1"])), f"{name} is taken"


@TASK.add
def _values_of_another_type_are_refused(case: TaskCase) -> None:
    for field in fields(case.task.Keys):
        if field.type in (int, float, bool):
            with raises(UserError, field.name):
                read_keys(case.task.Keys, OmegaConf.create({field.name: "neither a number nor true"}))


@TASK.add
def _checking_finds_nothing_wrong_and_leaves_nothing(case: TaskCase) -> None:
    with _composed(case) as (config, command), TemporaryDirectory() as root:
        folder, problems = Path(root) / "run", Problems()
        before = reference(config, {"task": case.task.name})
        case.task(config, folder, command).check(Checks(config, before, folder, command, problems, {}, _examine_nothing))
        assert not problems.found, f"it refuses its command: {problems.found}"
        assert not folder.exists(), "it makes the folder of the run"


@TASK.add
def _a_run_leaves_a_result_and_a_report(case: TaskCase) -> None:
    with _composed(case) as (config, command), TemporaryDirectory() as root:
        folder = Path(root) / "run"
        folder.mkdir()
        config.output_dir = str(folder)
        with redirect_stdout(StringIO()):
            found = run_task(config, folder, command)
        assert found is None or isinstance(found, int | float), f"run() returns {found!r}: a number, or None"
        result = read_result(folder)
        assert (result["task"], result["finished"]) == (case.task.name, True), f"its result is of {result['task']}"
        assert RESULT in case.task.files, f"{RESULT} is not among its files"
        left = case.task(config, folder, command).listed()
        assert RESULT in left, f"it says {left!r}"
        run = RunFolder.read(folder)
        for maker in case.task.sections:
            made = section_maker(maker)(run)
            for section in [made] if isinstance(made, Section) else made or ():
                assert isinstance(section, Section), f"{maker} makes a {type(section).__name__}"
                assert section.body in build_report(run, case.task.sections), f"{section.name} is not in its report"


@contextmanager
def _composed(case: TaskCase) -> Iterator[tuple[DictConfig, Command]]:
    """Give the configuration of the small command, and the command."""
    register()
    asked = (f"task={case.task.name}", *case.overrides)
    with composed(asked, [case.conf]) as config:
        OmegaConf.resolve(config)
        yield config, Command(asked, {"task": case.task.name}, (case.conf,))


def _examine_nothing(*asked: Any) -> None:
    """Note nothing about the commands that a task would start."""
