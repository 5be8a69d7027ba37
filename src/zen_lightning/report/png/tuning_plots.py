"""The trials of a tuning, as PNG. matplotlib is an extra."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from zen_lightning.report.png.figure import BLUE, GREY, RED, new_figure, save_figure

_PANEL = 2.6


class TrialPoint(NamedTuple):
    """A trial.

    Attributes:
        number: of the trial.
        value: that it came to.
        pruned: whether it was stopped there.
    """

    number: int
    value: float
    pruned: bool


class Parameter(NamedTuple):
    """What trials differ in.

    Attributes:
        key: of the configuration.
        values: one for each trial.
        choices: all that there are to choose from; None for numbers.
        log: whether numbers are drawn on a logarithmic axis.
    """

    key: str
    values: Sequence[Any]
    choices: Sequence[str] | None
    log: bool


def plot_tuning(path: Path, points: Sequence[TrialPoint], importance: Mapping[str, float], metric: str, highest: bool) -> None:
    """Draw the trials in their order with the best so far, and below it what matters most, where that is known.

    Args:
        path: of the PNG.
        points: in the order of the trials.
        importance: of each key, largest first; may be empty.
        metric: what the values are.
        highest: whether the highest value is the best.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figure, panels = new_figure(7.2 if importance else 4.8, 2 if importance else 1)
    axes = panels[0]
    _scatter(axes, [point.number for point in points], points)
    whole = [point for point in points if not point.pruned]
    best = [(max if highest else min)(point.value for point in whole[: at + 1]) for at in range(len(whole))]
    ends = [points[-1].number] * (points[-1].number > whole[-1].number)
    axes.step(
        [*(point.number for point in whole), *ends],
        [*best, *best[-1:] * len(ends)],
        where="post",
        color=BLUE,
        label="best so far",
    )
    winner = best.index(best[-1])
    axes.scatter([whole[winner].number], [best[-1]], marker="*", s=140, color=RED, zorder=4, label=f"best: {best[-1]:.6g}")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.set_xlabel("trial")
    axes.set_ylabel(metric)
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=4, frameon=False)
    if importance:
        panels[1].barh(list(importance), list(importance.values()), color=BLUE, height=0.6)
        panels[1].invert_yaxis()
        panels[1].grid(visible=False, axis="y")
        panels[1].set_xlabel("importance (PED-ANOVA)")
    save_figure(figure, path)


def plot_parameters(path: Path, parameters: Sequence[Parameter], points: Sequence[TrialPoint], metric: str) -> None:
    """Draw a panel for each parameter: the value of every trial against it.

    Args:
        path: of the PNG.
        parameters: with a value for each of the points.
        points: the trials.
        metric: what their values are.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figure, panels = new_figure(_PANEL * len(parameters) + 0.4, len(parameters))
    for axes, parameter in zip(panels, parameters, strict=True):
        at = list(parameter.values)
        if parameter.choices is not None:
            at = [parameter.choices.index(value) for value in at]
            axes.set_xticks(range(len(parameter.choices)), list(parameter.choices))
            axes.set_xlim(-0.5, len(parameter.choices) - 0.5)
        elif parameter.log:
            axes.set_xscale("log")
        _scatter(axes, at, points)
        axes.set_xlabel(parameter.key)
        axes.set_ylabel(metric)
    panels[0].legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, frameon=False)
    save_figure(figure, path)


def _scatter(axes: Any, at: Sequence[float], points: Sequence[TrialPoint]) -> None:
    for pruned, color, marker, label in ((False, BLUE, "o", "complete"), (True, GREY, "x", "pruned")):
        chosen = [(x, point.value) for x, point in zip(at, points, strict=True) if point.pruned == pruned]
        if chosen:
            x, y = zip(*chosen, strict=True)
            axes.scatter(x, y, s=30, color=color, marker=marker, label=label, zorder=3)
