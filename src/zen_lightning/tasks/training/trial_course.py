"""The course of a trial, as the training that it consists of sees it: reported to the study of ``task=tune``."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zen_lightning.runs.names import PRUNED

if TYPE_CHECKING:
    import pytorch_lightning as pl

    from zen_lightning.tasks.many.tune_study import Pruning

VARIABLE = "ZEN_LIGHTNING_TRIAL"
"""Environment variable by which a trial knows its study."""

REPORTED = ("val_top1", "val_top5", "val_loss")
"""Figures that a training has after each validation."""


def trial_environment(study: Path, number: int, metric: str, pruning: "Pruning") -> dict[str, str]:
    """Return the variables that a trial is started with.

    Args:
        study: folder of the tuning.
        number: the number of the trial.
        metric: the metric to report.
        pruning: how trials are stopped early.
    """
    return {
        VARIABLE: json.dumps({"study": str(study), "number": number, "metric": metric, "pruning": pruning._asdict()}),
    }


def trial_callbacks(folder: Path) -> list["pl.Callback"]:
    """Return the callback that reports this training and may stop it; none where it is no trial of a study.

    Args:
        folder: the folder of the training.
    """
    text = os.environ.get(VARIABLE)
    if text is None:
        return []
    from zen_lightning.tasks.many.tune_study import Pruning
    from zen_lightning.training.pruning import StopEarly

    told = json.loads(text)
    course = _StudyCourse(Path(told["study"]), told["number"], Pruning(**told["pruning"]))
    return [StopEarly(told["metric"], course, folder / PRUNED)]


class _StudyCourse:
    """Reports to a study; it is opened by the process that reports, so that of several there is one."""

    def __init__(self, study: Path, number: int, pruning: "Pruning") -> None:
        self._study = study
        self._number = number
        self._pruning = pruning
        self._opened: Any = None

    def report(self, epoch: int, value: float) -> None:
        trial = self._trial()
        if epoch not in trial.study.get_trials(deepcopy=False)[self._number].intermediate_values:
            trial.report(value, epoch)

    def is_hopeless(self) -> bool:
        return bool(self._trial().should_prune())

    def _trial(self) -> Any:
        if self._opened is None:
            import optuna

            from zen_lightning.tasks.many.tune_study import load_study

            study = load_study(self._study, self._pruning)
            # Optuna tells a trial's number, and wants its id.
            self._opened = optuna.trial.Trial(study, study.get_trials(deepcopy=False)[self._number]._trial_id)
        return self._opened
