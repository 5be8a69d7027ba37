"""Examines commands: composes each, and asks its task what is wrong."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.types import Glob, IntervalSweep
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from zen_lightning.cli.hydra_state import command_of_hydra, without_hydra
from zen_lightning.cli.problem_list import print_problems, print_summary
from zen_lightning.cli.typed_keys import with_typed_keys
from zen_lightning.config import register
from zen_lightning.config.composing import composed, reference
from zen_lightning.config.explain import explain_configuration, from_omegaconf, odd_configuration
from zen_lightning.config.group_values import choices_of
from zen_lightning.config.keys import EVERYWHERE, foreign_keys, read_keys
from zen_lightning.config.nodes import check_nodes
from zen_lightning.config.parsing import as_hydra_reads
from zen_lightning.config.plain import plain
from zen_lightning.config.problems import Problems
from zen_lightning.errors import UserError
from zen_lightning.launch.backend import make_backend
from zen_lightning.runs.hydra_record import select
from zen_lightning.runs.overrides import parse_overrides
from zen_lightning.system.own_modules import import_own
from zen_lightning.system.permission import check_writable
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.running import check_task, task_class, task_problems
from zen_lightning.tasks.tracking import read_trackers


def validate(
    arguments: Sequence[str],
    multirun: bool = False,
    folders: Sequence[Path] = (),
    earlier: Sequence[UserError] = (),
    typed: Sequence[str] = (),
) -> int:
    """Print all that is wrong with a command, or what it would do; nothing is started, and no folder is made.

    Args:
        arguments: overrides of the command, without ``task=validate``.
        multirun: whether it is a sweep; then every job of it is validated.
        folders: the configuration folders that are searched besides the shipped one.
        earlier: what is wrong with the command line itself.
        typed: the arguments as they were typed, whose keys are told.

    Returns:
        1 if something is wrong, else 0.
    """
    register()
    problems = Problems(lambda error: with_typed_keys(error, typed))
    for error in earlier:
        problems.add(error, "command")
    jobs = _jobs(arguments, folders) if multirun else [list(arguments)]
    # Jobs are commands of their own, except those of Hydra's launchers, which run them in one process.
    one_process = multirun and any(one.key in ("hydra/launcher", "hydra/sweeper") for one in parse_overrides(arguments))
    mode = ["hydra.mode=MULTIRUN"] if one_process else []
    found = [
        _examine([*job, *mode], None, problems, folders, number=number if multirun else None, afresh=one_process)
        for number, job in enumerate(jobs)
    ]
    if problems.found:
        print_problems(problems.found)
        return 1
    for job, checks in zip(jobs, found, strict=True):
        assert checks is not None
        print_summary(f"task={checks.config.task.name}" + (f" {' '.join(job)}" if multirun else ""), checks.summary)
    print("nothing is wrong, and nothing was started; leave task=validate out to run it" + f" ({len(jobs)} jobs)" * multirun)
    return 0


def _examine(
    overrides: Sequence[str],
    folder: Path | None,
    problems: Problems,
    folders: Sequence[Path],
    promised: Mapping[str, str] | None = None,
    number: int | None = None,
    afresh: bool = False,
) -> Checks | None:
    """Note what is wrong with a command; a job of a sweep has a number, and goes on where it was, unless it begins afresh."""
    with _composable(overrides, problems, folders) as config:
        if config is None:
            return None
        command = replace(command_of_hydra(), folders=tuple(folders))
        before = reference(config, dict(command.choices))
        try:
            where = folder or _folder(config, number)
            config.output_dir = config.output_dir
        except OmegaConfBaseException as error:
            problems.add(from_omegaconf(error, "output_dir"), "output_dir")
            where = Path("outputs")
        if folder is not None or (number is not None and not afresh):
            config.resume = config.output_dir = str(where)
        with without_hydra():

            def examine(asked: Sequence[str], place: Path, known: Mapping[str, str]) -> Checks | None:
                return _examine(asked, place, problems, folders, known)

            checks = Checks(config, before, where, command, problems, promised or {}, examine)
            if folder is None:
                if number is None:  # A job has a folder below that of its sweep.
                    checks.tell("folder", str(where))
                elif not afresh:
                    checks.ask("launcher", make_backend)
                _check_folder(where if number is None else where.parent, problems)
            else:
                with problems.noted("resume"):
                    check_writable(folder, "resume")
            checks.ask("imports", lambda config: import_own(plain(config.imports)))
            with problems.noted("task"):
                kind = task_class(config)
                _check_ranges(config, before, [kind], problems)
                passed = kind.passes_on(config, command)
                if passed:
                    _check_ranges(config, before, [kind, *passed], problems)
                for problem in foreign_keys(kind, config, command.overrides, passed):
                    problems.add(problem, "command")
                check_nodes(config, problems, [group.partition(".")[0] for group in (*kind.groups, *EVERYWHERE[1:])])
                checks.ask("logger", read_trackers)
                checks.ask("device", lambda config: check_task(config, command, [kind, *passed]))
                checks.ask("command", lambda config: read_keys(kind.Keys, config))
                kind(config, where, command).check(checks)
        return checks


def _check_ranges(config: DictConfig, before: Mapping[Any, Any], tasks: Sequence[type[Task[Any]]], problems: Problems) -> None:
    """Note every key that is out of its range, and give it the value that it has without the command.

    What is built of such a value would repeat it, or worse.
    """
    for problem in list(task_problems(config, tasks)):
        problems.add(problem, "command")
        OmegaConf.update(config, problem.key, select(before, problem.key), merge=False)


def _folder(config: DictConfig, number: int | None) -> Path:
    return Path(config.output_dir) if number is None else Path(HydraConfig.get().sweep.dir) / str(number)


def _check_folder(folder: Path, problems: Problems) -> None:
    """Note that the folder of the run, or of the sweep, cannot be made."""
    for parent in (folder, *folder.parents):
        if parent.exists():
            if not parent.is_dir():
                error = UserError(f"{parent} is a file", key="output_dir", value=folder, remedy="choose another folder")
                problems.add(error, "output_dir")
            break
    with problems.noted("output_dir"):
        check_writable(folder, "output_dir")


@contextmanager
def _composable(overrides: Sequence[str], problems: Problems, folders: Sequence[Path]) -> Iterator[DictConfig | None]:
    """Give the configuration without the overrides that keep it from being composed; None where nothing helps."""
    kept = list(overrides)
    with ExitStack() as stack:
        while True:
            try:
                config = stack.enter_context(composed(kept, folders))
                break
            except Exception as error:  # Hydra has no error of its own for what is odd in a file.
                explained = explain_configuration(error, kept, folders) or odd_configuration(error, kept, folders)
                culprit = _culprit(kept, error, folders)
                problems.add(explained, "command" if culprit is None else next(parse_overrides([culprit])).key)
                if culprit is None:
                    config = None
                    break
                kept.remove(culprit)
        yield config


def _refusal(overrides: list[str], folders: Sequence[Path]) -> Exception | None:
    try:
        with composed(overrides, folders):
            return None
    except Exception as error:  # Hydra has no error of its own for what is odd in a file.
        return error


def _culprit(overrides: list[str], error: Exception, folders: Sequence[Path]) -> str | None:
    """Return the override without which there is no error, or another one; those that the error names first."""
    text = f"{error}"
    likely = sorted(parse_overrides(overrides), key=lambda one: (one.whole not in text, one.key not in text))
    for override in likely:
        without = _refusal([other for other in overrides if other != override.whole], folders)
        if without is None or str(without) != text:
            return override.whole
    return None


def _jobs(overrides: Sequence[str], folders: Sequence[Path] = ()) -> list[list[str]]:
    """Return the overrides of every job of a sweep; of an interval, its ends stand for what a sweeper may draw."""
    values: list[list[str]] = []
    for text in overrides:
        override = as_hydra_reads(text)
        if override is None:
            values.append([text])  # Composing says what is wrong with it.
            continue
        key = override.get_key_element()
        value: Any = override.value()
        if isinstance(value, IntervalSweep):
            values.append([f"{key}={value.start}", f"{key}={value.end}"])
        elif isinstance(value, Glob):
            values.append([f"{key}={choice}" for choice in value.filter(choices_of(key, folders))] or [text])
        elif override.is_sweep_override():
            values.append([f"{key}={choice}" for choice in override.sweep_string_iterator()])
        else:
            values.append([text])
    return [list(job) for job in itertools.product(*values)]
