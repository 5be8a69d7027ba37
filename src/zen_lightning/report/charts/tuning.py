"""The trials of a tuning."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from zen_lightning.report.charts.axis import Axis, categories, spanning
from zen_lightning.report.charts.chart import Bars, Chart, Line, Points, Series, rows_height
from zen_lightning.report.statistics import is_percent
from zen_lightning.runs.run_folder import RunFolder, number

_PANEL = 0.54
"""Height of a panel, in usual heights. A choice: with one panel for each setting, three fit on a screen."""


class TrialPoint(NamedTuple):
    """A trial.

    Attributes:
        number: the number of the trial.
        value: its result.
        pruned: whether it was stopped there.
    """

    number: int
    value: float
    pruned: bool


class Parameter(NamedTuple):
    """What trials differ in.

    Attributes:
        key: the key of the configuration.
        values: one for each trial.
        choices: all that there are to choose from; None for numbers.
        log: whether numbers are drawn on a logarithmic axis.
    """

    key: str
    values: Sequence[Any]
    choices: Sequence[str] | None
    log: bool


def read_trials(run: RunFolder) -> tuple[list[TrialPoint], list[Parameter]]:
    """Return the trials of a tuning that have a value, and what they differ in, as its folder holds them."""
    rows = [row for row in run.table("trials.csv") if row["state"] in ("complete", "pruned")]
    known = [(row, value) for row in rows if (value := number(row, run.result["metric"])) is not None]
    points = [TrialPoint(int(row["trial"]), value, row["state"] == "pruned") for row, value in known]
    parameters = []
    for key, space in run.result["space"].items():
        choices = tuple(space) if isinstance(space, list) else None
        parameters.append(Parameter(key, [row[key] for row, _ in known], choices, choices is None and space["log"]))
    return points, parameters


def tuning_charts(points: Sequence[TrialPoint], importance: Mapping[str, float], metric: str, highest: bool) -> list[Chart]:
    """Return the trials in their order with the best so far, and what matters most, where that is known.

    Args:
        points: the points, in the order of the trials.
        importance: the importance of each key, largest first; may be empty.
        metric: what the values are.
        highest: whether the highest value is the best.
    """
    whole = [point for point in points if not point.pruned]
    best = [(max if highest else min)(point.value for point in whole[: at + 1]) for at in range(len(whole))]
    ends = [points[-1].number] * (points[-1].number > whole[-1].number)
    winner = whole[best.index(best[-1])]
    series = [
        *_trials([point.number for point in points], points),
        Line([*(one.number for one in whole), *ends], [*best, *best[-1:] * len(ends)], "best", "best so far", steps=True),
        Points([winner.number], [winner.value], "answer", f"best: {winner.value:.6g}"),
    ]
    x = Axis(*spanning([point.number for point in points]), "trial", lambda value: f"{value:.0f}" if value % 1 == 0 else "")
    charts = [Chart(f"{len(points)} trials", x, _values(points, metric), series, legend="above")]
    if importance:
        keys, shares = list(importance), list(importance.values())
        bars = Bars(shares, range(len(keys)), 0.6, "kept")
        x = Axis(0.0, 1.05 * max(shares), "importance (PED-ANOVA)")
        charts.append(Chart("What matters most", x, categories(keys), [bars], rows_height(len(keys))))
    return charts


def parameter_charts(parameters: Sequence[Parameter], points: Sequence[TrialPoint], metric: str) -> list[Chart]:
    """Return a chart for each parameter: the value of every trial against it.

    Args:
        parameters: the parameters, with a value for each of the points.
        points: the trials.
        metric: what their values are.
    """
    charts = []
    for key, values, choices, log in parameters:
        at = [choices.index(value) for value in values] if choices is not None else [float(value) for value in values]
        if choices is not None:
            x = categories(choices, key, downwards=False)
        elif log:
            x = Axis(min(at) / 1.15, max(at) * 1.15, key, log=True)
        else:
            x = Axis(*spanning(at), key)
        charts.append(Chart(f"{metric} by {key}", x, _values(points, metric), _trials(at, points), _PANEL, "above"))
    return charts


def _values(points: Sequence[TrialPoint], metric: str) -> Axis:
    percent = is_percent(metric)
    return Axis(*spanning([point.value for point in points], 0.08, percent), f"{metric}, percent" if percent else metric)


def _trials(at: Sequence[float], points: Sequence[TrialPoint]) -> list[Series]:
    found: list[Series] = []
    for pruned, style, label in ((False, "complete", "complete"), (True, "pruned", "pruned")):
        chosen = [(x, point.value) for x, point in zip(at, points, strict=True) if point.pruned == pruned]
        if chosen:
            found.append(Points([x for x, _ in chosen], [value for _, value in chosen], style, label))
    return found
