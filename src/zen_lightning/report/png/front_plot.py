"""The plot of a front, as PNG. matplotlib is an extra."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zen_lightning.report.front_names import cost_label, tick_text
from zen_lightning.report.png.figure import BLUE, GREY, RED, new_figure, save_figure
from zen_lightning.search.front_points import FrontPoint, costs_of, staircase
from zen_lightning.search.objectives import Objective
from zen_lightning.search.trace import CloudPoint

_PANEL = 4.2
_ROOM = 1.15
_LOG_FROM = 5
_LABEL = {"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 1}


def plot_front(
    path: Path,
    front: Sequence[FrontPoint],
    chosen: Sequence[FrontPoint],
    cloud: Sequence[CloudPoint],
    published: Sequence[tuple[str, FrontPoint]],
    objectives: Sequence[Objective],
    resolution: int,
) -> None:
    """Draw score against each cost, a panel each: the best under any limit on it, the front, and what was tried.

    Args:
        path: of the PNG.
        front: all its points.
        chosen: those that were written as files.
        cloud: a sample of what was scored.
        published: name and point of networks to compare with; those beyond the front are left out.
        objectives: the costs.
        resolution: at which FLOPs are counted.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figure, panels = new_figure(_PANEL * len(objectives), len(objectives))
    from matplotlib.ticker import LogLocator, NullFormatter

    tried = [(costs_of(point.architecture, objectives), point.score) for point in cloud]
    # The first candidates score far below all others, and would flatten the part to look at.
    bottom, top = min(point.score for point in front), max(point.score for point in front)
    margin = 0.05 * (top - bottom) or 1
    for which, (axes, objective) in enumerate(zip(panels, objectives, strict=True)):
        steps = staircase(front, which)
        ends = min(point.costs[which] for point in front) / _ROOM, max(point.costs[which] for point in front) * _ROOM
        fitting = [(name, point) for name, point in published if point.costs[which] <= ends[1]]
        axes.scatter([costs[which] for costs, _ in tried], [score for _, score in tried], s=4, color=GREY, alpha=0.35, lw=0)
        _scatter(axes, which, front, s=6, color=BLUE, alpha=0.5, lw=0, label="the front")
        at, height = [step.costs[which] for step in steps], [step.score for step in steps]
        axes.step(at, height, where="post", color=BLUE, lw=1.6, label="best under a limit")
        _scatter(axes, which, chosen, s=42, color=BLUE, label="in structures/")
        if fitting:
            _scatter(axes, which, [point for _, point in fitting], s=48, color=RED, marker="D", label="published")
        for name, point in fitting:
            place = {"xytext": (-6, -5), "textcoords": "offset points", "ha": "right", "va": "top", "bbox": _LABEL}
            axes.annotate(name, (point.costs[which], point.score), fontsize=8, color=RED, **place).set_in_layout(False)
        if ends[1] > _LOG_FROM * ends[0]:
            axes.set_xscale("log")
            axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5)))
            axes.xaxis.set_minor_formatter(NullFormatter())
        axes.xaxis.set_major_formatter(lambda cost, _, name=objective.name: tick_text(name, cost))
        axes.set_xlim(*ends)
        axes.set_ylim(min([bottom, *(point.score for _, point in fitting)]) - margin, top + margin)
        axes.set_xlabel(cost_label(objective.name, resolution))
        axes.set_ylabel("score")
        axes.legend(loc="lower right", frameon=False)
    panels[0].set_title(f"{len(front):,} networks of the front, {len(chosen)} in structures/", loc="left")
    save_figure(figure, path)


def _scatter(axes: Any, which: int, points: Sequence[FrontPoint], **style: Any) -> None:
    axes.scatter([point.costs[which] for point in points], [point.score for point in points], **style)
