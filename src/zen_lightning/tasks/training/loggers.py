"""From Lightning to the trackers that ``logger=`` names."""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig
from pytorch_lightning.loggers.logger import Logger

from zen_lightning.tasks.tracking import tracking

STEP = "trainer/global_step"


class TrackingLogger(Logger):
    """Hands on to the trackers of the run what Lightning logs, so that a training and its results are one run of theirs.

    Args:
        folder: the folder of the run.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    @property
    def name(self) -> str:
        """The name of the logger."""
        return "tracking"

    @property
    def version(self) -> str:
        """The name of the run."""
        return self._folder.name

    @property
    def save_dir(self) -> str:
        """The run's folder."""
        return str(self._folder)

    def log_metrics(self, metrics: dict[str, float], step: int | None = None) -> None:
        """Log the metrics of a step."""
        tracking().metrics({name: float(value) for name, value in metrics.items()}, step or 0, STEP)

    def log_hyperparams(self, *arguments: Any, **more: Any) -> None:
        """Do nothing: trackers have the whole configuration already."""


def make_loggers(config: DictConfig, folder: Path) -> list[Logger]:
    """Return the loggers of Lightning for a run; none where ``logger=`` names no tracker: history.csv is always there.

    All processes of a training have as many; those beside the main one track nothing.
    """
    return [TrackingLogger(folder)] if any(config.logger.values()) else []
