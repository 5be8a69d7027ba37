"""The trials of a tuning: each a command with a folder of its own."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from zen_lightning.errors import UserError, nearest
from zen_lightning.launch.command import config_folders, run_command
from zen_lightning.runs.command_line import command_line, override_path
from zen_lightning.runs.metrics import figure, figure_names
from zen_lightning.runs.names import PRUNED, RESULT
from zen_lightning.runs.result import read_result
from zen_lightning.tasks.many.tune_space import Space, trial_overrides
from zen_lightning.tasks.many.tune_study import Pruning, import_optuna, mend, seeded_sampler
from zen_lightning.tasks.training.trial_course import trial_environment

if TYPE_CHECKING:
    import optuna

REASON = "reason"
"""Attribute of a trial that failed: why."""

_STOPPED = (75, 130, 143)
"""Codes of a trial that was stopped from outside, as this process is then: saved after SIGTERM, Ctrl-C, SIGTERM."""

_BY_SIGNAL = 128
_MOST_FAILURES = 3


class Plan(NamedTuple):
    """What the trials of a tuning are.

    Attributes:
        task: that each of them runs.
        overrides: all of them have.
        space: what they differ in.
        metric: figure of ``result.json`` that is compared.
        sampler: that draws them.
        pruning: how they are stopped early.
        trials: how many there are to be.
        seed: of the sampler.
    """

    task: str
    overrides: list[str]
    space: Space
    metric: str
    sampler: str
    pruning: Pruning
    trials: int
    seed: int

    def command(self, values: Mapping[str, Any]) -> list[str]:
        """Return the overrides of a trial."""
        return [f"task={self.task}", *self.overrides, *trial_overrides(self.space, values)]


def trial_folder(number: int) -> str:
    """Return the name of the folder of a trial."""
    return f"trial-{number:03}"


def counted(study: "optuna.Study") -> list["optuna.trial.FrozenTrial"]:
    """Return the trials that have ended, but for those that were stopped before they began."""
    return [trial for trial in study.get_trials(deepcopy=False) if trial.state.is_finished() and trial.params]


def next_trial(study: "optuna.Study", plan: Plan) -> tuple[int, dict[str, Any]] | None:
    """Return number and values of the next trial: one that was stopped, else a new one, or None after the last."""
    optuna = import_optuna()
    states = optuna.trial.TrialState
    for trial in study.get_trials(deepcopy=False):
        if trial.state == states.RUNNING and set(trial.params) == set(plan.space):
            return trial.number, dict(trial.params)
        if not trial.state.is_finished():
            study.tell(trial.number, state=states.FAIL)  # Stopped while it was drawn.
    if len(counted(study)) >= plan.trials:
        return None
    study.sampler = seeded_sampler(plan.sampler, plan.seed, len(study.get_trials(deepcopy=False)))
    new = study.ask({key: one.distribution() for key, one in plan.space.items()})
    return new.number, dict(new.params)


def run_trial(study: "optuna.Study", plan: Plan, folder: Path, number: int, values: Mapping[str, Any], file: IO[bytes]) -> None:
    """Run a trial, or go on with it, and tell the study what came of it.

    Args:
        study: of the tuning; this process owns it.
        plan: of the trials.
        folder: of the tuning.
        number: of the trial.
        values: of the space.
        file: the lock of the study.

    Raises:
        UserError: the result lacks the metric, or the first trials all failed.
        SystemExit: the trial was stopped from outside; it goes on when the tuning does.
    """
    state = import_optuna().trial.TrialState
    place = folder / trial_folder(number)
    code = _run(plan, folder, number, values, file)
    if code in _STOPPED:
        print(f"\nstopped in trial {number}: continue with resume={override_path(folder)}", file=sys.stderr, flush=True)
        raise SystemExit(code)
    if (place / RESULT).exists():
        study.tell(number, _value(plan, place))
    elif (place / PRUNED).exists():
        study.tell(number, state=state.PRUNED)
    else:
        reason = f"ended with code {code}" if code <= _BY_SIGNAL else f"killed by signal {code - _BY_SIGNAL}"
        print(f"trial {number} failed: {reason}", file=sys.stderr, flush=True)
        study.set_user_attr(f"{REASON} {number}", reason)
        study.tell(number, state=state.FAIL)
        ended = counted(study)
        if len(ended) >= min(_MOST_FAILURES, plan.trials) and all(trial.state == state.FAIL for trial in ended):
            raise UserError(f"the first {len(ended)} trials all failed: their messages are above, their folders in {folder}")


def reasons(study: "optuna.Study") -> dict[int, str]:
    """Return why trials failed, by number."""
    told = study.user_attrs.items()
    return {int(key.partition(" ")[2]): str(value) for key, value in told if key.startswith(f"{REASON} ")}


def _run(plan: Plan, folder: Path, number: int, values: Mapping[str, Any], file: IO[bytes]) -> int:
    place = folder / trial_folder(number)
    if (place / RESULT).exists() or (place / PRUNED).exists():
        return 0
    overrides = plan.command(values)
    shown = " ".join(trial_overrides(plan.space, values))
    print(f"\ntrial {number}, of {plan.trials} in all: {shown}", flush=True)
    print(command_line([*config_folders(), *overrides, f"output_dir={override_path(place)}", "resume=auto"]), flush=True)
    reports = plan.pruning.pruner != "none"
    environment = trial_environment(folder.resolve(), number, plan.metric, plan.pruning) if reports else {}
    for attempt in (1, 2):
        code = run_command(overrides, place, environment, [file.fileno()])
        mend(folder)
        if code <= _BY_SIGNAL or code in _STOPPED or attempt == 2:
            break
        print(f"trial {number} was killed by signal {code - _BY_SIGNAL}: once more", file=sys.stderr, flush=True)
    return code


def _value(plan: Plan, place: Path) -> float:
    try:
        result = read_result(place)
    except (OSError, ValueError):
        raise UserError(f"{place / RESULT} cannot be read: remove it, and continue with resume={place.parent}") from None
    value = figure(result, plan.metric)
    if value is None:
        names: Sequence[str] = figure_names(result)
        hint = nearest(plan.metric, list(names)) or "."
        raise UserError(
            f"tune.metric={plan.metric}: the result of task={plan.task} has no such figure{hint} It has: {', '.join(names)}. "
            f"Continue with resume={place.parent} tune.metric=..."
        )
    return value
