"""``debug=profile`` of a training: some steps traced, and what cost most in them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from zen_lightning.report.terminal.table import Table
from zen_lightning.system.numbers import shortened
from zen_lightning.tasks.debugging import step_aside
from zen_lightning.training.tracing import TRACE, Operation, TraceSteps

if TYPE_CHECKING:
    import pytorch_lightning as pl

_LONGEST = 42
"""Characters of the name of an operation: the table fits 80 columns. Names of kernels are far longer."""


def trace_callbacks(config: DictConfig, folder: Path) -> "list[pl.Callback]":
    """Return the callback that traces some steps, where ``debug.profile`` asks for that.

    Args:
        config: the composed configuration.
        folder: the folder of the run.
    """
    if not config.debug.profile:
        return []
    path = folder / TRACE

    def show(operations: Sequence[Operation], steps: int) -> None:
        print()
        operations_table(operations, steps).print()
        print(f"the trace of these steps: {path} (open it in https://ui.perfetto.dev or chrome://tracing)", flush=True)

    return [TraceSteps(path, config.debug.trace_steps, show, step_aside)]


def operations_table(operations: Sequence[Operation], steps: int) -> Table:
    """Return the operations as a table: calls and time of one step, and the share of all operations.

    Args:
        operations: the costliest first.
        steps: over how many they were counted.
    """
    title = f"The costliest operations of {steps} step{'s' * (steps > 1)}, without what they call"
    table = Table(title, ["operation", "calls a step", "ms a step", "share"])
    for one in operations:
        calls = f"{one.calls / steps:.4g}"
        table.add(shortened(one.name, _LONGEST), calls, f"{one.milliseconds / steps:.2f}", f"{one.share:.1%}")
    return table
