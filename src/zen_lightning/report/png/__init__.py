"""Charts as PNG. matplotlib is an extra."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zen_lightning.errors import MissingExtraError
from zen_lightning.report.charts.axis import Axis
from zen_lightning.report.charts.chart import Band, Bars, Cell, Chart, Line, Mark, Note, Points, Series, Spans
from zen_lightning.system.files import atomic_path
from zen_lightning.system.numbers import tick_text

BLUE, GREY, RED, GOLD, BLACK = "#1f5fa8", "#8a8f98", "#c0392b", "#b9770e", "#000000"

_WIDTH, _HEIGHT, _DPI = 8.0, 4.8, 120
"""Inches of a chart of the usual height, and dots an inch: 960 x 576 pixels."""

_SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", GREY, "#b5a900")
"""Of Okabe and Ito, Color Universal Design, 2008, without their black and yellow, which some page would swallow."""

STYLES: dict[str, dict[str, Any]] = {
    "tried": {"color": GREY, "s": 7, "alpha": 0.5, "lw": 0},
    "timed": {"s": 7, "alpha": 0.7, "lw": 0},
    "kept": {"color": BLUE, "s": 14, "alpha": 0.7, "lw": 0},
    "beside": {"color": GREY, "s": 14, "alpha": 0.8, "lw": 0},
    "front": {"color": BLUE, "s": 7, "alpha": 0.5, "lw": 0},
    "final": {"color": BLUE, "s": 46, "lw": 0},
    "published": {"color": GOLD, "s": 48, "marker": "D", "lw": 0, "zorder": 3},
    "answer": {"color": RED, "s": 170, "marker": "*", "lw": 0, "zorder": 4},
    "star": {"color": RED, "s": 150, "marker": "*", "lw": 0, "zorder": 4},
    "complete": {"color": BLUE, "s": 30, "zorder": 3},
    "pruned": {"color": GREY, "s": 30, "marker": "x", "zorder": 3},
    "average": {"color": BLUE, "s": 40, "zorder": 3},
    "single": {"color": "white", "edgecolors": GREY, "s": 22, "linewidths": 1.2, "zorder": 4},
    "network": {"color": BLUE, "lw": 0},
    "low": {"color": RED, "s": 30, "marker": "v", "alpha": 0.5, "lw": 0},
    "second": {"color": RED},
    "best": {"color": BLUE, "lw": 2},
    "mean": {"color": BLUE, "lw": 1.2, "ls": "--"},
    "other": {"color": GREY, "lw": 0.8, "alpha": 0.8},
    **{f"series{place}": {"color": colour, "lw": 1.2} for place, colour in enumerate(_SERIES)},
    "band": {"color": BLUE, "alpha": 0.15, "lw": 0},
    "limit": {"color": RED, "lw": 1, "ls": ":"},
    "zero": {"color": BLACK, "lw": 0.8},
    "interval": {"color": BLACK, "lw": 1},
    "deviation": {"color": BLUE, "lw": 1.4},
}
"""What marks, lines and bars look like, by the name of their style; the rules of ``report.css`` are the same for a page."""

_SIDES = {
    "left": {"xytext": (-8, -4), "ha": "right", "va": "top"},
    "right": {"xytext": (8, -4), "ha": "left", "va": "top"},
    "beside": {"xytext": (5, 0), "ha": "left", "va": "center"},
    "above": {"xytext": (0, 4), "ha": "center", "va": "bottom"},
    "below": {"xytext": (0, -4), "ha": "center", "va": "top"},
}
_HALO = 2.5
"""Points of white around a label: what lies behind it stays visible."""

_ABOVE = {"loc": "lower right", "bbox_to_anchor": (1, 1), "ncols": 4}
_BELOW = {"loc": "upper center", "bbox_to_anchor": (0.5, 0), "borderaxespad": 3.6, "columnspacing": 1.2, "handletextpad": 0.5}
"""Legends hide nothing: they lie above the chart, or below the label of its axis, 3.6 times the size of their font lower."""

_MOST_COLUMNS, _LEAST_MARK = 6, 30.0
"""Entries side by side in a legend; the area of a mark in it, in square points: those of a cloud are too small to be seen."""

_WHOLE = ("final", "published", "answer", "star")
"""Styles whose marks are drawn whole where they lie on the border of the chart."""

_READABLE = 0.55
"""Strength of a colour above which text on it is white."""


def draw(path: Path, charts: Sequence[Chart], title: str = "") -> None:
    """Write charts below one another as PNG; the folder is made.

    Args:
        path: the path of the file.
        charts: one at least.
        title: the title above the first; by default each has its own.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib import rc_context, rcdefaults, rcParams
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("matplotlib", "report", "a plot") from None
    logging.getLogger("matplotlib").setLevel(logging.WARNING)
    with rc_context():
        # A matplotlibrc in the working directory, perhaps of somebody else, comes before the user's own, and can have TeX run.
        rcdefaults()
        rcParams["text.parse_math"] = False  # The name of a class may hold dollars, between which formulas would be read.
        heights = [chart.height for chart in charts]
        figure = Figure(figsize=(_WIDTH, _HEIGHT * sum(heights)), layout="constrained", dpi=_DPI)
        panels = figure.subplots(len(charts), squeeze=False, height_ratios=heights)[:, 0]
        said = ""
        for axes, chart in zip(panels, charts, strict=True):
            _draw(axes, chart)
            heading = title if title and axes is panels[0] else "" if title else chart.title
            if heading != said:  # Charts of one thing share their title.
                axes.set_title(heading, loc="left", fontsize="medium", pad=26 if chart.legend == "above" else 6)
            said = heading
        with atomic_path(path) as temporary:
            figure.savefig(temporary)


def _draw(axes: Any, chart: Chart) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    if chart.x.log:
        axes.set_xscale("log")
    for one in chart.series:
        _add(axes, one, chart)
    _scale(axes.xaxis, axes.set_xlim, chart.x)
    _scale(axes.yaxis, axes.set_ylim, chart.y)
    if any(one.label for one in chart.series if not isinstance(one, Note)):
        _legend(axes, chart)
    if chart.y.names and chart.y.label:  # Upright it would be longer than a chart of a few rows is high.
        axes.set_ylabel("")
        place = {"xycoords": "axes fraction", "textcoords": "offset points", "ha": "right"}
        axes.annotate(chart.y.label, (0, 1), (-8, 4), fontsize="small", **place)


def _legend(axes: Any, chart: Chart) -> None:
    handles, labels = axes.get_legend_handles_labels()
    place = _ABOVE if chart.legend == "above" else {**_BELOW, "ncols": min(_MOST_COLUMNS, len(labels))}
    legend = axes.legend(handles, labels, frameon=False, fontsize="small", **place)
    for handle in legend.legend_handles:
        if hasattr(handle, "set_sizes"):
            handle.set_sizes([max(_LEAST_MARK, *handle.get_sizes())])
            handle.set_alpha(1)


def _scale(axis: Any, limit: Any, scale: Axis) -> None:
    limit(scale.low, scale.high)
    ticks = scale.ticks()
    axis.set_ticks(ticks, [scale.named(tick) for tick in ticks])
    axis.set_ticks([], minor=True)
    axis.set_label_text(scale.label)
    if not scale.names:
        axis.grid(visible=True, alpha=0.25)


def _add(axes: Any, one: Series, chart: Chart) -> None:
    look = {"label": one.label or None, **STYLES.get(one.style, {})} if not isinstance(one, Note) else {}
    match one:
        case Points(xs, ys, _, _, shades):
            if "s" not in look:  # Many points are small and pale, so that one sees where they are dense.
                look |= {"s": min(40.0, max(9.0, 2000 / max(1, len(xs)))), "alpha": min(0.8, max(0.4, 300 / max(1, len(xs))))}
            if shades is not None:
                look |= {"color": None, "c": shades.values, "cmap": "viridis", "alpha": max(0.7, look.get("alpha", 1.0))}
            inside = all(map(chart.x.shows, xs)) and all(map(chart.y.shows, ys))
            marks = axes.scatter(xs, ys, clip_on=one.style not in _WHOLE or not inside, **look)
            if shades is not None:
                axes.figure.colorbar(marks, ax=axes, label=shades.name, format=lambda value, _: tick_text(value))
        case Line(xs, ys, _, _, steps):
            axes.plot(xs, ys, drawstyle="steps-post" if steps else None, **look)
        case Band(xs, lows, highs):
            axes.fill_between(xs, lows, highs, **look)
        case Bars(xs, ys, thickness):
            axes.barh(ys, xs, thickness, **{key: value for key, value in look.items() if key in ("color", "label")})
        case Spans(lows, highs, ys):
            axes.hlines(ys, lows, highs, zorder=3, **look)
        case Mark(x):
            axes.axvline(x, **look)
        case Note(x, y, text, style, side):
            from matplotlib.patheffects import withStroke

            place = {"textcoords": "offset points", "path_effects": [withStroke(linewidth=_HALO, foreground="white")]}
            look = {"fontsize": 8, "color": STYLES[style]["color"], "zorder": 5}
            axes.annotate(text, (x, y), **look, **place, **_SIDES[side]).set_in_layout(False)
        case Cell(column, row, value, text):
            strength = min(1.0, abs(value or 0.0))
            shade = [column - 0.49, column + 0.49], row - 0.48, row + 0.48
            axes.fill_between(*shade, color=BLUE if (value or 0.0) >= 0 else RED, alpha=strength, lw=0)
            ink = "white" if strength > _READABLE else "black"
            axes.text(column, row, text, ha="center", va="center", color=ink, fontsize="x-small")
