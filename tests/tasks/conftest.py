"""What every test of a task has: the metrics that a task says its result has are those that it has."""

from collections.abc import Mapping
from typing import Any

import pytest

from zen_lightning.runs.metrics import metric_names
from zen_lightning.tasks.base import Task

_ASKED = {
    *("epochs", "resolution", "num_classes", "iterations", "restarts", "minutes", "widths_up_to"),
    *("train_images", "global_batch", "highest_lr", "processes"),
}
"""Numbers of a result that say what was asked for, or follow from it."""


@pytest.fixture(autouse=True)
def metrics_are_those_of_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    leave = Task.leave

    def watched(task: Task[Any], content: Mapping[str, Any], finished: bool = True) -> None:
        if task.metrics:
            assert {*metric_names(dict(content))} <= {*task.metrics, *_ASKED}
        leave(task, content, finished)

    monkeypatch.setattr(Task, "leave", watched)
