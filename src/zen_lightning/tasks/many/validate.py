"""``task=validate``: all that is wrong with a command, before it is started."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import IntervalSweep
from hydra.errors import OverrideParseException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from zen_lightning.config import build, register
from zen_lightning.errors import UserError
from zen_lightning.problems import Problems
from zen_lightning.report.terminal.problem_list import print_problems, print_summary
from zen_lightning.tasks.many.validation.composing import composable, composed
from zen_lightning.tasks.many.validation.nodes import check_nodes
from zen_lightning.tasks.many.validation.search_checks import require_scoring_device
from zen_lightning.tasks.many.validation.stages import check_stages
from zen_lightning.tasks.many.validation.trial import Trial

Check = Callable[[Trial], None]
_CHECKS = {
    "aggregate": "summary_checks.check_aggregate",
    "analyze": "search_checks.check_analyze",
    "compare": "summary_checks.check_compare",
    "correlate": "search_checks.check_correlate",
    "distill": "training_checks.check_distill",
    "evaluate": "training_checks.check_evaluate",
    "export": "training_checks.check_export",
    "latency": "latency_checks.check_latency",
    "pareto": "search_checks.check_pareto",
    "profile": "latency_checks.check_profile",
    "report": "summary_checks.check_report",
    "score": "search_checks.check_score",
    "search": "search_checks.check_search",
    "train": "training_checks.check_train",
    "tune": "summary_checks.check_tune",
    "zoo": "search_checks.check_zoo",
}
"""Module and function of each task, below ``tasks.validation``. Another task brings a function ``check`` in its own module."""


def run(config: DictConfig, folder: Path) -> NoReturn:
    """Refuse to be one job of a sweep: commands are validated before Hydra starts anything, by :func:`validate`.

    Raises:
        UserError: always.
    """
    raise UserError("task=validate is written beside the whole command, not among the values of a sweep: -m ... task=validate")


def validate(
    arguments: Sequence[str], multirun: bool = False, folders: Sequence[Path] = (), earlier: Sequence[str] = ()
) -> int:
    """Print all that is wrong with a command, or what it would do; nothing is started, and no folder is made.

    Args:
        arguments: overrides of the command, without ``task=validate``.
        multirun: whether it is a sweep; then every job of it is validated.
        folders: of configuration, beside the shipped one.
        earlier: what is wrong with the command line itself.

    Returns:
        1 if something is wrong, else 0.
    """
    register()
    problems = Problems()
    for message in earlier:
        problems.add(message, "command")
    jobs = _jobs(arguments, problems) if multirun else [list(arguments)]
    # Jobs are commands of their own, but for those of Hydra's launchers, which run them in one process.
    one_process = multirun and any(text.startswith(("hydra/launcher=", "hydra/sweeper=")) for text in arguments)
    mode = ["hydra.mode=MULTIRUN"] if one_process else []
    trials = [
        _examine([*job, *mode], None, problems, folders, number=number if multirun else None, afresh=one_process)
        for number, job in enumerate(jobs)
    ]
    if problems.found:
        print_problems(problems.found)
        return 1
    for job, trial in zip(jobs, trials, strict=True):
        assert trial is not None
        print_summary(f"task={trial.config.task.name}" + (f" {' '.join(job)}" if multirun else ""), trial.summary)
    print("nothing is wrong, and nothing was started; leave task=validate out to run it" + f" ({len(jobs)} jobs)" * multirun)
    return 0


def _examine(
    overrides: list[str],
    folder: Path | None,
    problems: Problems,
    folders: Sequence[Path],
    promised: Mapping[str, str] | None = None,
    number: int | None = None,
    afresh: bool = False,
) -> Trial | None:
    """Note what is wrong with a command; a job of a sweep has a number, and goes on where it was, unless it begins afresh."""
    kept = composable(overrides, problems, folders)
    if kept is None:
        return None
    with composed(kept, folders) as config:
        try:
            where = folder or _folder(config, number)
        except OmegaConfBaseException as error:
            problems.add(f"output_dir: {str(error.msg or error).splitlines()[0]}", "output_dir")
            where = Path("outputs")
        if folder is not None or (number is not None and not afresh):
            config.resume = config.output_dir = str(where)
        trial = Trial(config, where, problems, dict(promised or {}))
        if folder is None:
            if number is None:  # A job has a folder below that of its sweep.
                trial.tell("folder", str(where))
            elif not afresh:
                trial.ask("launcher", lambda config: build(config.launcher, "launcher"))
            _check_folder(where if number is None else where.parent, problems)
        check_nodes(config, problems)
        trial.ask("device", require_scoring_device)
        if config.task.name == "pipeline":
            check_stages(trial, lambda own, at, known: _examine(own, at, problems, folders, known))
        else:
            with problems.noted("task"):
                _check_of(config)(trial)
        return trial


def _folder(config: DictConfig, number: int | None) -> Path:
    return Path(config.output_dir) if number is None else Path(HydraConfig.get().sweep.dir) / str(number)


def _check_of(config: DictConfig) -> Check:
    name, run = str(config.task.name), str(config.task.run)
    if name in _CHECKS:
        module, _, attribute = _CHECKS[name].partition(".")
        found: Check = getattr(import_module(f"zen_lightning.tasks.many.validation.{module}"), attribute)
        return found
    try:
        own: Check = getattr(import_module(run.rpartition(".")[0]), "check", _no_check)
    except ImportError as error:
        raise UserError(f"task.run={run}: cannot be imported ({error})") from error
    return own


def _no_check(trial: Trial) -> None:
    """Leave it at what holds for every task."""


def _check_folder(folder: Path, problems: Problems) -> None:
    """Note that the folder of the run, or of the sweep, cannot be made."""
    for parent in (folder, *folder.parents):
        if parent.exists():
            if not parent.is_dir():
                problems.add(f"output_dir={folder}: {parent} is a file; choose another folder", "output_dir")
            return


def _jobs(overrides: Sequence[str], problems: Problems) -> list[list[str]]:
    """Return the overrides of every job of a sweep; of an interval, its ends stand for what a sweeper may draw."""
    values: list[list[str]] = []
    for text in overrides:
        try:
            override = OverridesParser.create().parse_override(text)
        except OverrideParseException:
            values.append([text])  # Composing says what is wrong with it.
            continue
        key = override.get_key_element()
        value = override.value()
        if isinstance(value, IntervalSweep):
            values.append([f"{key}={value.start}", f"{key}={value.end}"])
        elif override.is_sweep_override():
            values.append([f"{key}={choice}" for choice in override.sweep_string_iterator()])
        else:
            values.append([text])
    return [list(job) for job in itertools.product(*values)]
