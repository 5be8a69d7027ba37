"""``task=tune``: look for the settings with which another task does best, by Optuna."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning.config.composing import composed
from zen_lightning.config.explain import explain_configuration
from zen_lightning.config.ranges import range_problems
from zen_lightning.errors import UserError, keyed
from zen_lightning.launch.backend import Backend, make_backend
from zen_lightning.launch.plan import config_options
from zen_lightning.runs.command import NO_COMMAND, Command
from zen_lightning.runs.command_line import override_path, resuming
from zen_lightning.runs.command_record import write_record
from zen_lightning.runs.names import RESULT
from zen_lightning.runs.overrides import Override, settings, without
from zen_lightning.system.named_path import existing_path
from zen_lightning.system.short_path import short_path
from zen_lightning.system.value_types import AnyMapping, Count, CountFrom0, Overrides
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.checks import Checks
from zen_lightning.tasks.many.stages import is_machine
from zen_lightning.tasks.many.tune_files import show, write_progress, write_results
from zen_lightning.tasks.many.tune_space import Choices, Space, read_space, trial_overrides
from zen_lightning.tasks.many.tune_study import JOURNAL, PRUNERS, SAMPLERS, Pruning, choice, import_optuna, owned_study
from zen_lightning.tasks.many.tune_trials import Plan, counted, run_trials
from zen_lightning.tasks.passing import read_by, task_named
from zen_lightning.tasks.tracking import tracking
from zen_lightning.tasks.training.trial_course import REPORTED

DIRECTIONS = ("maximize", "minimize")

_TRAININGS = ("train", "distill")
_NOT_TUNED = ("tune", "aggregate")
_NOT_PASSED = ("task", "tune", "output_dir", "resume", "launcher")


def read_backend(config: DictConfig) -> Backend:
    """Return what runs the trials.

    Raises:
        UserError: it cannot be used as it is configured, or does not say how many it runs at a time.
        MissingExtraError: what it needs is not installed.
    """
    backend = make_backend(config)
    if backend.at_once is None and config.tune.sampler != "random":
        expected = "how many trials run at a time, such as 8: what they tell guides those that are drawn later"
        raise UserError(key="launcher.at_once", value="null", expected=expected, involves=["tune.sampler"])
    return backend


def read_plan(config: DictConfig, command: Command = NO_COMMAND) -> Plan:
    """Return what is to be tried; errors as for :func:`run`."""
    tune = config.tune
    for key, least in (("trials", 1), ("startup_trials", 0), ("warmup_epochs", 0)):
        if tune[key] < least:
            raise UserError(key=f"tune.{key}", value=tune[key], expected=f"{least} or more")
    if not str(tune.metric).strip():
        raise UserError(key="tune.metric", value=tune.metric, expected="a metric of the result, such as val_top1")
    known = trial_task(config, command).metrics
    if known and tune.metric.split(".")[0] not in known:
        what = f"no metric of task={tune.task}"
        raise UserError(key="tune.metric", value=tune.metric, what=what, choices=known, involves=["tune.task"])
    choice(tune.direction, DIRECTIONS, "tune.direction")
    sampler, pruner = choice(tune.sampler, SAMPLERS, "tune.sampler"), _pruner(config)
    overrides = _passed(config, command)
    space = read_space(tune.space)
    both = [key for key in space if key in settings(overrides)]
    if both:
        raise UserError(f"{both[0]} is in tune.space and on the command line", key=both[0], remedy="leave one of them out")
    first = _check(tune.task, overrides, space, command.folders)
    epochs = int(OmegaConf.select(first, "recipe.epochs") or 1)
    pruning = Pruning(pruner, tune.startup_trials, tune.warmup_epochs, epochs)
    options = config_options(command.folders)
    return Plan(tune.task, overrides, space, tune.metric, sampler, pruning, tune.trials, config.seed, options)


def trial_task(config: DictConfig, command: Command) -> type[Task[Any]]:
    """Return the task that trials run.

    Raises:
        UserError: there is no such task, or its results have nothing to compare.
    """
    name = str(config.tune.task)
    if name in _NOT_TUNED:
        expected = "a task whose result has metrics of its own, such as train or search"
        raise UserError(key="tune.task", value=name, expected=expected)
    with keyed({"task": "tune.task"}):
        return task_named(name, command.folders)


def _record(config: DictConfig, folder: Path, command: Command) -> None:
    write_record(folder, list(command.overrides), arch=_arch(config))


def passed_to(task: type[Task[Any]], overrides: Sequence[str]) -> list[str]:
    """Return what the command line of a tuning says to trials that run ``task``."""
    return read_by(task, without(overrides, *_NOT_PASSED))


def _passed(config: DictConfig, command: Command = NO_COMMAND) -> list[str]:
    """Return what every trial is asked for: what the command line says of other keys, and ``tune.overrides``."""
    given = passed_to(trial_task(config, command), command.overrides)
    arch = _arch(config)
    if arch is not None:
        given = [f"arch={override_path(arch)}" if Override.parse(override).key == "arch" else override for override in given]
    node = config.tune.overrides
    more = OmegaConf.to_container(node) if OmegaConf.is_config(node) else node or []
    if not isinstance(more, list) or not all(isinstance(override, str) and "=" in override for override in more):
        expected = "a list of overrides such as '[distillation.logit_weight=0]'"
        raise UserError(key="tune.overrides", value=node, expected=expected)
    return [*given, *more]


def _arch(config: DictConfig) -> str | None:
    """Return the whole path that ``arch=`` names, since a tuning may be continued from another folder; None for no path."""
    arch = config.get("arch")
    if not isinstance(arch, str):
        return None
    path = existing_path(arch)
    return None if path is None else str(path.absolute())


def _check(task: str, overrides: list[str], space: Space, folders: Sequence[Path]) -> DictConfig:
    """Compose what trials will be, with every bound and choice once: a wrong key or value ends this before the first.

    Returns:
        the configuration of one of them.
    """
    fixed = [f"task={task}", *overrides]
    first = _composed(fixed, "", folders)
    ends = {key: one.texts if isinstance(one, Choices) else (str(one.low), str(one.high)) for key, one in space.items()}
    for number in range(max(map(len, ends.values()))):
        tried = trial_overrides(space, {key: texts[number % len(texts)] for key, texts in ends.items()})
        trial = _composed([*fixed, *tried], "tune.space: ", folders)
        try:
            for problem in range_problems(trial, [task_named(task, folders)]):
                raise problem
            if task in _TRAININGS:
                from zen_lightning.tasks.training.machine import read_early_stopping
                from zen_lightning.tasks.training.setup import read_recipe

                read_recipe(trial)
                read_early_stopping(trial)
        except UserError as error:
            raise UserError(f"tune.space, {' '.join(tried)}: {error}", key="tune.space") from None
    return first


def _composed(overrides: list[str], where: str, folders: Sequence[Path]) -> DictConfig:
    try:
        with composed(overrides, folders) as config:
            return config
    except Exception as error:
        message = explain_configuration(error, overrides, folders)
        if message is None:
            raise
        raise UserError(f"{where}{message}", key="tune.space" if where else message.key) from error


def _pruner(config: DictConfig) -> str:
    tune = config.tune
    possible = tune.task in _TRAININGS and tune.metric in REPORTED
    asked = choice(tune.pruner, ("auto", *PRUNERS), "tune.pruner")
    if not possible and asked not in ("auto", "none"):
        raise UserError(
            f"a trial can be stopped early where it trains (tune.task=train or distill) for one of {', '.join(REPORTED)}, "
            f"not for tune.metric={tune.metric} of tune.task={tune.task}",
            key="tune.pruner",
            value=asked,
            involves=["tune.metric", "tune.task"],
        )
    return ("median" if possible else "none") if asked == "auto" else asked


def _identity(plan: Plan, direction: str) -> dict[str, Any]:
    """Return what makes it this tuning. Where trials run, and how many there are, may change."""
    said = {key: value for key, value in settings(plan.overrides).items() if not is_machine(key)}
    return {
        "tune.task": plan.task,
        "tune.metric": plan.metric,
        "tune.direction": direction,
        "tune.sampler": plan.sampler,
        **{f"tune.{key}": value for key, value in plan.pruning._asdict().items()},
        **{f"tune.space {key}": str(tuple(one)) for key, one in plan.space.items()},
        **said,
        "seed": plan.seed,
    }


@dataclass
class TuneSettings:
    """How ``task=tune`` looks for settings; see ``conf/task/tune.yaml``."""

    task: str = "train"
    metric: str = "val_top1"
    direction: str = "maximize"
    space: AnyMapping | None = None
    overrides: Overrides = field(default_factory=list)
    trials: Count = 20
    sampler: str = "tpe"
    pruner: str = "auto"
    startup_trials: CountFrom0 = 5
    warmup_epochs: CountFrom0 = 1


@dataclass
class TuneKeys:
    """The keys of ``task=tune``."""

    tune: TuneSettings = field(default_factory=TuneSettings)


class Tune(Task[TuneKeys]):
    """Looks for the settings with which another task does best."""

    name = "tune"
    Keys = TuneKeys
    files = (RESULT,)
    sections = ("many.trials", "other_tasks.anything")

    @classmethod
    def passes_on(cls, config: DictConfig, command: Command) -> list[type[Task[Any]]]:
        """Return the task of the trials."""
        return [trial_task(config, command)]

    def check(self, checks: Checks) -> None:
        """Note what would be refused, and what would be tried."""
        checks.ask("tune", lambda config: import_optuna())
        checks.ask("launcher", read_backend)
        plan = checks.ask("tune", lambda config: read_plan(config, self.command))
        if plan is not None:
            checks.tell("trials", f"{plan.trials:,} of task={plan.task}, by {plan.metric}")
            checks.tell("space", ", ".join(plan.space))

    def run(self) -> float:
        """Run the trials that there are not yet, each in a folder of its own, write their results, and show the best.

        ``launcher=`` says where trials run, and how many at a time.


        Returns:
            the best value of the metric.

        Raises:
            MissingExtraError: Optuna is not installed.
            UserError: something in the configuration cannot be used, all trials failed, or the folder holds another tuning.
            SystemExit: it was stopped from outside; ``resume=`` goes on.
        """
        import_optuna()
        plan, backend = read_plan(self.config, self.command), read_backend(self.config)
        direction = self.config.tune.direction
        if self.config.resume is None and (self.folder / JOURNAL).exists():
            remedy = f"continue it with {resuming(self.folder)}, or choose another output_dir"
            raise UserError(f"{self.folder} already holds a tuning", key="output_dir", remedy=remedy)
        if not (self.folder / JOURNAL).exists():
            _record(
                self.config, self.folder, self.command
            )  # Before the study, so that one that a kill leaves can be continued.
        with owned_study(self.folder, _identity(plan, direction), direction) as study:
            _record(self.config, self.folder, self.command)
            tracking().begin()
            about = f"{plan.trials} trials, {backend.where}; files go to {short_path(self.folder)}"
            print(f"tuning task={plan.task} for {plan.metric}, {direction}, {about}", flush=True)
            if len(counted(study)) > plan.trials:
                print(f"there are {len(counted(study))} trials already, more than tune.trials={plan.trials}: all are kept")

            def told(number: int) -> None:
                write_progress(study, plan, self.folder, number)
                value = study.get_trials(deepcopy=False)[number].value
                if value is not None:
                    tracking().metrics({"tune/value": value, "tune/best": study.best_value}, number, "tune/trial")

            run_trials(study, plan, self.folder, backend, told)
            self.leave(write_results(study, plan, self.folder))
            show(study, plan, self.folder)
            return float(study.best_value)
