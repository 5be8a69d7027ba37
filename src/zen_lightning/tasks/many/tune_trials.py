"""The trials of a tuning: each a command with a folder of its own."""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from zen_lightning.errors import UserError, nearest
from zen_lightning.launch.backend import Backend
from zen_lightning.launch.job import Job
from zen_lightning.launch.job_record import Ended, State, forget_done, read_ended
from zen_lightning.launch.plan import command_arguments
from zen_lightning.runs.command_line import command_line, resuming
from zen_lightning.runs.metrics import metric, metric_names
from zen_lightning.runs.names import PRUNED, RESULT
from zen_lightning.runs.result import read_result
from zen_lightning.system.signal_watch import TERMINATED
from zen_lightning.tasks.many.tune_space import Space, trial_overrides
from zen_lightning.tasks.many.tune_study import Pruning, import_optuna, mend, seeded_sampler
from zen_lightning.tasks.training.trial_course import trial_environment

if TYPE_CHECKING:
    import optuna

REASON = "reason"
"""Attribute of a trial that failed: why."""

_JUDGED = (State.DONE, State.FAILED, State.KILLED)
"""States of a trial whose command has said, after its result, whether it succeeded: ``debug=overfit`` judges that."""

_MOST_FAILURES = 3
"""Failures at the beginning that end a tuning. A choice: three trials in a row rarely fail because of their values."""


class Plan(NamedTuple):
    """What the trials of a tuning are.

    Attributes:
        task: the task that each of them runs.
        overrides: the overrides that all of them have.
        space: what they differ in.
        metric: the metric of ``result.json`` that is compared.
        sampler: the sampler that draws them.
        pruning: how they are stopped early.
        trials: the number of trials in all.
        seed: the seed of the sampler.
        options: the options of Hydra, for the command of each.
    """

    task: str
    overrides: list[str]
    space: Space
    metric: str
    sampler: str
    pruning: Pruning
    trials: int
    seed: int
    options: Sequence[str] = ()

    def command(self, values: Mapping[str, Any]) -> list[str]:
        """Return the overrides of a trial."""
        return [f"task={self.task}", *self.overrides, *trial_overrides(self.space, values)]


def trial_folder(number: int) -> str:
    """Return the name of the folder of a trial."""
    return f"trial-{number:03}"


def counted(study: "optuna.Study") -> list["optuna.trial.FrozenTrial"]:
    """Return the trials that have ended, except those that were stopped before they began."""
    return [trial for trial in study.get_trials(deepcopy=False) if trial.state.is_finished() and trial.params]


def run_trials(study: "optuna.Study", plan: Plan, folder: Path, backend: Backend, told: Callable[[int], None]) -> None:
    """Run the trials that there are not yet, and tell the study how they ended.

    Args:
        study: the study of the tuning; this process owns it.
        plan: the plan of the trials.
        folder: the folder of the tuning.
        backend: the backend that runs them, as many at a time as it says.
        told: called with the number of each trial after it was told to the study.

    Raises:
        UserError: a result lacks the metric, or the first trials all failed.
        SystemExit: a trial was stopped from outside; it goes on when the tuning does.
    """
    trials = TrialJobs(study, plan, folder, backend, told)
    try:
        with closing(backend.run(trials.next, trials.tell)) as running:
            for job, ended in running:
                trials.end(job, ended)
    except SystemExit as stop:
        trials.stopped = int(stop.code or TERMINATED)
    if trials.stopped is not None:
        print(f"\nstopped: continue with {resuming(folder)}", file=sys.stderr, flush=True)
        raise SystemExit(trials.stopped)


class TrialJobs:
    """Hands out the trials of a tuning as jobs, those first that were stopped; arguments as for :func:`run_trials`.

    Attributes:
        stopped: the code of a trial that was stopped from outside; None while there is none. After it, none begins.
    """

    def __init__(self, study: "optuna.Study", plan: Plan, folder: Path, backend: Backend, told: Callable[[int], None]) -> None:
        self.stopped: int | None = None
        self._study = study
        self._plan = plan
        self._folder = folder
        self._backend = backend
        self._told = told
        self._running: set[int] = set()
        self._distributions = {key: one.distribution() for key, one in plan.space.items()}
        self._states = import_optuna().trial.TrialState

    def next(self) -> Job | None:
        """Return the next trial; None where there is none, or none before another has ended."""
        at_once = self._backend.at_once
        while self.stopped is None and (at_once is None or len(self._running) < at_once):
            trial = self._draw()
            if trial is None:
                return None
            number, values = trial
            place = self._folder / trial_folder(number)
            ended = read_ended(place)
            judged = ended is not None and ended.state in _JUDGED
            if not (judged if (place / RESULT).exists() else (place / PRUNED).exists()):
                return self._job(number, values, place)  # Where there is a result, it finds it, and is judged.
            self._tell(number, ended)  # Its tuning was stopped between the end of the trial and this.
        return None

    def end(self, job: Job, ended: Ended) -> None:
        """Tell the study how a trial ended; errors as for :func:`run_trials`."""
        self._running.discard(job.number)
        self._mend()
        if ended.state == State.STOPPED:
            print(f"{job.name}: {ended.error}", file=sys.stderr, flush=True)
            self.stopped = ended.code or TERMINATED
            return
        self._tell(job.number, ended)

    def tell(self, sentence: str) -> None:
        """Print that a trial was killed and is run again."""
        if len(self._running) == 1:
            self._mend()
        print(sentence, file=sys.stderr, flush=True)

    def _draw(self) -> tuple[int, dict[str, Any]] | None:
        """Return number and values of a trial that was stopped, or else of a new one; None after the last."""
        for trial in self._study.get_trials(deepcopy=False):
            if trial.state.is_finished() or trial.number in self._running:
                continue
            # The journal is a file that anybody may have written: values are those of the space, or none.
            if trial.state == self._states.RUNNING and trial.distributions == self._distributions:
                return trial.number, dict(trial.params)
            self._study.tell(trial.number, state=self._states.FAIL)  # Stopped while it was drawn.
        if len(counted(self._study)) + len(self._running) >= self._plan.trials:
            return None
        drawn = len(self._study.get_trials(deepcopy=False))
        self._study.sampler = seeded_sampler(self._plan.sampler, self._plan.seed, drawn, among_others=bool(self._running))
        new = self._study.ask(dict(self._distributions))
        return new.number, dict(new.params)

    def _job(self, number: int, values: Mapping[str, Any], place: Path) -> Job:
        plan = self._plan
        overrides = plan.command(values)
        arguments = command_arguments(overrides, place, plan.options)
        print(f"\ntrial {number}, of {plan.trials} in all: {' '.join(trial_overrides(plan.space, values))}", flush=True)
        print(command_line(arguments), flush=True)
        reports = plan.pruning.pruner != "none"
        variables = trial_environment(self._folder.resolve(), number, plan.metric, plan.pruning) if reports else {}
        forget_done(place)
        self._running.add(number)
        return Job(number, tuple(overrides), arguments, str(place), os.getcwd(), f"trial {number}", tuple(variables.items()))

    def _tell(self, number: int, ended: Ended | None) -> None:
        place = self._folder / trial_folder(number)
        failed = ended is not None and ended.state == State.FAILED  # Also after its result.
        if (place / RESULT).exists() and not failed:
            self._study.tell(number, _value(self._plan, place))
        elif (place / PRUNED).exists():
            self._study.tell(number, state=self._states.PRUNED)
        else:
            reason = ended.error if ended is not None and ended.error else f"it left no {RESULT}"
            print(f"trial {number} failed: {reason}", file=sys.stderr, flush=True)
            self._study.set_user_attr(f"{REASON} {number}", reason)
            self._study.tell(number, state=self._states.FAIL)
            self._check_failures()
        self._told(number)

    def _check_failures(self) -> None:
        ended = counted(self._study)
        if len(ended) >= min(_MOST_FAILURES, self._plan.trials) and all(trial.state == self._states.FAIL for trial in ended):
            what = f"the first {len(ended)} trials all failed: their reasons are above, their folders in {self._folder}"
            raise UserError(what, key="tune.space")

    def _mend(self) -> None:
        """Clear what a trial that was killed has left in the study's file, where no other trial may be writing to it."""
        if not self._running:
            mend(self._folder)


def reasons(study: "optuna.Study") -> dict[int, str]:
    """Return why trials failed, by number."""
    told = study.user_attrs.items()
    return {int(key.partition(" ")[2]): str(value) for key, value in told if key.startswith(f"{REASON} ")}


def _value(plan: Plan, place: Path) -> float:
    try:
        result = read_result(place)
    except (OSError, ValueError):
        remedy = f"remove it, and continue with {resuming(place.parent)}"
        raise UserError(f"{place / RESULT} cannot be read", key="resume", remedy=remedy) from None
    value = metric(result, plan.metric)
    if value is None:
        names: Sequence[str] = metric_names(result)
        hint = nearest(plan.metric, list(names)) or "."
        raise UserError(
            f"the result of task={plan.task} has no such metric{hint} It has: {', '.join(names)}. "
            f"Continue with {resuming(place.parent)} tune.metric=...",
            key="tune.metric",
            value=plan.metric,
        )
    return value
