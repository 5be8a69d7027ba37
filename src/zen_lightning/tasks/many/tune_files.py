"""The files that ``task=tune`` leaves, and what it shows."""

import warnings
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omegaconf import OmegaConf

from zen_lightning.errors import MissingExtraError
from zen_lightning.report import png
from zen_lightning.report.charts.tuning import Parameter, TrialPoint, parameter_charts, tuning_charts
from zen_lightning.report.terminal.table import Table
from zen_lightning.runs.command_line import command_line
from zen_lightning.runs.names import RESULT
from zen_lightning.runs.provenance import versions
from zen_lightning.system.csv_files import write_csv
from zen_lightning.system.files import write_text
from zen_lightning.system.short_path import short_path
from zen_lightning.tasks.many.tune_space import Choices, Interval
from zen_lightning.tasks.many.tune_study import import_optuna
from zen_lightning.tasks.many.tune_trials import Plan, counted, reasons, trial_folder

if TYPE_CHECKING:
    import optuna

BEST = "best.yaml"
FILES = (BEST, "trials.csv", RESULT, "tuning.png", "parameters.png", "journal")
"""Files that are left, in the order in which they are listed."""

_SHOWN = 5
"""Best trials in the table on the terminal. A choice: the others are in ``trials.csv``."""


def write_progress(study: "optuna.Study", plan: Plan, folder: Path, ended: int | None = None) -> None:
    """Write ``trials.csv`` and ``best.yaml`` again after each trial, and print how it and the best so far are.

    Args:
        study: the study, with the trials so far.
        plan: the plan of the tuning.
        folder: the folder of the tuning.
        ended: number of the trial that has ended; without it, nothing is printed.
    """
    trials, why = counted(study), reasons(study)
    rows = [
        [
            trial.number,
            _state(trial),
            trial.value if trial.state.name == "COMPLETE" else _last(trial),
            *(trial.params[key] for key in plan.space),
            max(trial.intermediate_values, default=""),
            "" if trial.duration is None else round(trial.duration.total_seconds(), 1),
            trial_folder(trial.number),
            why.get(trial.number, ""),
        ]
        for trial in trials
    ]
    header = ["trial", "state", plan.metric, *plan.space, "reported_epochs", "seconds", "folder", "reason"]
    write_csv(folder / "trials.csv", header, rows)
    complete = _complete(study)
    if complete:
        best = complete[0]
        command = plan.command(best.params)
        content = {
            "trial": best.number,
            "metric": plan.metric,
            "value": best.value,
            "folder": trial_folder(best.number),
            "overrides": command,
        }
        again = command_line([*plan.options, *command])
        text = f"# The best of {len(trials)} trials. Use it again:\n# {again}\n{OmegaConf.to_yaml(content)}"
        write_text(folder / BEST, text)
        if ended is not None:
            how = _outcome(next(trial for trial in trials if trial.number == ended))
            told = f"trial {ended}: {how}; best so far {best.value:.6g}, trial {best.number}"
            print(f"{told}; {len(trials)} of {max(len(trials), plan.trials)} done", flush=True)


def write_results(study: "optuna.Study", plan: Plan, folder: Path) -> dict[str, Any]:
    """Write the plots, and return what ``result.json`` says.

    Args:
        study: the study, with all trials.
        plan: the plan of the tuning.
        folder: the folder of the tuning.
    """
    write_progress(study, plan, folder)
    importance = importances(study)
    try:
        _plot(study, plan, folder, importance)
    except MissingExtraError as error:
        print(f"no plots: {error}")
    trials, best = counted(study), study.best_trial
    counts = {name: sum(_state(trial) == name for trial in trials) for name in ("complete", "pruned", "failed")}
    return {
        "tuned": plan.task,
        "metric": plan.metric,
        "direction": study.direction.name.lower(),
        "value": best.value,
        "best_trial": best.number,
        "best_folder": trial_folder(best.number),
        "best": best.params,
        "overrides": plan.command(best.params),
        "trials": len(trials),
        **counts,
        "space": {key: _described(one) for key, one in plan.space.items()},
        "sampler": plan.sampler,
        "pruner": plan.pruning.pruner,
        "importance": importance,
        "versions": {**versions(), "optuna": version("optuna")},
    }


def importances(study: "optuna.Study") -> dict[str, float]:
    """Return the share of each setting in what sets the better trials apart (PED-ANOVA), largest first; empty for too few."""
    optuna = import_optuna()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # Of too few trials.
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            evaluator = optuna.importance.PedAnovaImportanceEvaluator()
            found = optuna.importance.get_param_importances(study, evaluator=evaluator)
    except (ValueError, RuntimeError, UserWarning):
        return {}
    return {key: float(value) for key, value in found.items()}


def show(study: "optuna.Study", plan: Plan, folder: Path) -> None:
    """Print the best trials, and the command that uses the best settings again."""
    trials, best = counted(study), _complete(study)
    states = [f"{sum(_state(trial) == name for trial in trials)} {name}" for name in ("complete", "pruned", "failed")]
    table = Table(f"The best of {len(trials)} trials ({', '.join(states)})", ["trial", plan.metric, *plan.space])
    for trial in best[:_SHOWN]:
        table.add(trial.number, f"{trial.value:.6g}", *(_shown(trial.params[key]) for key in plan.space))
    print()
    table.print()
    print(f"use it again:\n  {command_line([*plan.options, *plan.command(best[0].params)])}")
    print(f"in {short_path(folder)}: {' '.join(name for name in FILES if (folder / name).exists())} trial-*")


def _plot(study: "optuna.Study", plan: Plan, folder: Path, importance: dict[str, float]) -> None:
    points = [
        TrialPoint(trial.number, value, trial.state.name == "PRUNED")
        for trial in counted(study)
        if (value := trial.value if trial.state.name == "COMPLETE" else _last(trial)) is not None
    ]
    highest = study.direction.name == "MAXIMIZE"
    png.draw(folder / "tuning.png", tuning_charts(points, importance, plan.metric, highest))
    params = {trial.number: trial.params for trial in counted(study)}
    parameters = [
        Parameter(
            key,
            [params[point.number][key] for point in points],
            one.texts if isinstance(one, Choices) else None,
            isinstance(one, Interval) and one.log,
        )
        for key, one in plan.space.items()
    ]
    png.draw(folder / "parameters.png", parameter_charts(parameters, points, plan.metric), f"{len(points)} trials")


def _complete(study: "optuna.Study") -> list["optuna.trial.FrozenTrial"]:
    """Return the trials with a result, best first."""
    found = [trial for trial in study.get_trials(deepcopy=False) if trial.state.name == "COMPLETE"]
    sign = -1 if study.direction.name == "MAXIMIZE" else 1
    return sorted(found, key=lambda trial: (sign * float(trial.value or 0.0), trial.number))


def _state(trial: "optuna.trial.FrozenTrial") -> str:
    return {"COMPLETE": "complete", "PRUNED": "pruned"}.get(trial.state.name, "failed")


def _last(trial: "optuna.trial.FrozenTrial") -> float | None:
    return None if trial.last_step is None else trial.intermediate_values[trial.last_step]


def _outcome(trial: "optuna.trial.FrozenTrial") -> str:
    return f"{trial.value:.6g}" if trial.state.name == "COMPLETE" else _state(trial)


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _described(one: Interval | Choices) -> Any:
    return list(one.texts) if isinstance(one, Choices) else one._asdict()
