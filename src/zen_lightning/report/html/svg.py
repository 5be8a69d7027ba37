"""Charts as SVG, with their legends, captions and tooltips. The rules of ``report.css`` say what each style looks like."""

import json
from collections.abc import Sequence

from zen_lightning.budget import KINDS
from zen_lightning.report.charts.axis import Axis
from zen_lightning.report.charts.chart import Band, Bars, Cell, Chart, Line, Mark, Note, Points, Series, Spans
from zen_lightning.report.charts.networks import Point
from zen_lightning.report.costs import Kind
from zen_lightning.report.html.markup import Content, Markup, element
from zen_lightning.system.numbers import tick_text

WIDTH, HEIGHT = 560, 380
"""Size of a chart in pixels. A choice: two fit side by side at 1,200 pixels."""

_LEFT, _RIGHT, _TOP, _BOTTOM = 66, 26, 34, 52
"""Margins in pixels: room for tick labels and axis titles at the font sizes of ``report.css``."""

_LETTER = 11.7
"""Pixels for each letter of a category, at the larger font size on a phone: DejaVu Sans, the widest of usual fonts."""

_SHADES = 5
"""Colours of shaded points: the classes ``shade0`` to ``shade4``."""


class Plot:
    """Where values lie in the drawing of a chart.

    Args:
        chart: the chart to draw.
    """

    def __init__(self, chart: Chart) -> None:
        self.x, self.y = chart.x, chart.y
        self.height = round(HEIGHT * chart.height)
        self.left = max([_LEFT, *(round(16 + _LETTER * len(name)) for name in chart.y.names)])
        self.right, self.floor = WIDTH - _RIGHT, self.height - _BOTTOM

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the place of a point, in units of the drawing."""
        across = self.left + self.x.share(x) * (self.right - self.left)
        return round(across, 1), round(self.floor - self.y.share(y) * (self.floor - _TOP), 1)

    def path(self, xs: Sequence[float], ys: Sequence[float], steps: bool = False) -> str:
        """Return the path of a line through points."""
        places = [self.at(x, y) for x, y in zip(xs, ys, strict=True)]
        if steps:
            return f"M{places[0][0]:g} {places[0][1]:g}" + "".join(f"H{x:g}V{y:g}" for x, y in places[1:])
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in places)

    def dots(self, xs: Sequence[float], ys: Sequence[float]) -> str:
        """Return the path of dots: strokes of no length, which round ends make visible."""
        return "".join(f"M{x:g} {y:g}h0" for x, y in (self.at(x, y) for x, y in zip(xs, ys, strict=True)))


def figure(chart: Chart, caption: Content, data: str = "") -> Markup:
    """Return a chart, what its marks mean, and a caption.

    Args:
        chart: the chart to draw.
        caption: the caption, below it.
        data: key of its networks on the page, which :func:`point_data` writes; empty for no tooltips.
    """
    ordered = sorted(chart.series, key=lambda one: isinstance(one, Mark))
    keys = [element("li", element("i", class_=f"key {style}"), text) for one in ordered for style, text in _keys(one)]
    drawing = element("div", svg(chart, data), class_="cloud") if data else svg(chart)
    legend = element("ul", keys, class_="legend") if keys else None
    return element("figure", drawing, legend, element("figcaption", caption) if caption else None)


def figures(charts: Sequence[Chart]) -> Markup:
    """Return charts beside each other where there is room, each with its title as caption."""
    return element("div", [figure(chart, chart.title) for chart in charts], class_="pair")


def svg(chart: Chart, data: str = "") -> Markup:
    """Return the drawing of a chart; with the key of its networks, one whose points have tooltips."""
    plot, more = Plot(chart), {}
    said, marks = chart.title, [_mark(plot, one) for one in chart.series if not (data and isinstance(one, Note))]
    if data:
        said += ". Arrow keys go from network to network"
        shown = [one for one in chart.series if isinstance(one, Points) and one.networks]
        places = [at for one in shown for x, y in zip(one.xs, one.ys, strict=True) for at in plot.at(x, y)]
        marks.append(element("circle", r=8, class_="spot", hidden=True))
        more = {"tabindex": 0, "data_points": data, "data_places": json.dumps(places, separators=(",", ":"))}
    # An SVG of its own cuts off what lies beyond it, and needs no name of a clipping path, which two charts might share.
    frame = (plot.left, _TOP - 6, WIDTH - plot.left, plot.floor - _TOP + 6)
    inside = element(
        "svg", marks, viewBox=" ".join(map(str, frame)), **dict(zip(("x", "y", "width", "height"), frame, strict=True))
    )
    return element(
        "svg",
        element("title", said),
        _scales(plot),
        element("text", plot.y.label, x=4, y=16, class_="label"),
        element("text", plot.x.label, x=plot.right, y=plot.height - 6, class_="label", text_anchor="end"),
        inside,
        viewBox=f"0 0 {WIDTH} {plot.height}",
        class_="chart",
        role="img",
        aria_label=said,
        **more,
    )


def point_data(key: str, points: Sequence[Point], upwards: str = "score", kinds: Sequence[Kind] = KINDS) -> Markup:
    """Return what the script of the page reads of the points of a chart.

    Args:
        key: the key by which charts name it.
        points: the points, in the order of the charts.
        upwards: what the score is called.
        kinds: the kinds of their costs.
    """
    told = [kind for kind in kinds if any(kind.column in point.costs for point in points)]
    rows = [[point.structure, point.score, [point.costs.get(kind.column) for kind in told], point.name] for point in points]
    costs = [[kind.title, kind.unit] for kind in told]
    text = json.dumps({"score": upwards, "costs": costs, "points": rows}, separators=(",", ":"), ensure_ascii=False)
    return element("script", Markup(text.replace("<", "\\u003c")), type="application/json", id=key)


def _scales(plot: Plot) -> list[Markup]:
    parts: list[Markup] = []
    for value in plot.x.ticks():
        x, _ = plot.at(value, plot.y.low)
        parts.append(_grid(plot.x, f"M{x:g} {_TOP}V{plot.floor}"))
        parts += [
            element("text", line, x=x, y=plot.floor + 22 + 16 * row, class_="tick", text_anchor="middle")
            for row, line in enumerate(plot.x.named(value).split("\n"))
        ]
    for value in plot.y.ticks():
        _, y = plot.at(plot.x.low, value)
        parts.append(_grid(plot.y, f"M{plot.left} {y:g}H{plot.right}"))
        parts.append(element("text", plot.y.named(value), x=plot.left - 8, y=y + 4, class_="tick", text_anchor="end"))
    return [*parts, element("path", d=f"M{plot.left} {plot.floor}H{plot.right}", class_="axis")]


def _grid(axis: Axis, path: str) -> Markup:
    return element("path", d=path, class_="grid") if not axis.names else Markup()


def _mark(plot: Plot, one: Series) -> Content:
    match one:
        case Points(xs, ys, style):
            levels = _levels(one)
            groups = [[at for at, level in enumerate(levels) if level == wanted] for wanted in sorted(set(levels))]
            return [
                element(
                    "path",
                    d=plot.dots([xs[at] for at in group], [ys[at] for at in group]),
                    class_=f"dots {style}{levels[group[0]]}",
                )
                for group in groups
            ]
        case Line(xs, ys, style, _, steps):
            return element("path", d=plot.path(xs, ys, steps), class_=f"line {style}")
        case Band(xs, lows, highs, style):
            area = plot.path([*xs, *reversed(xs)], [*highs, *reversed(lows)])
            return element("path", d=f"{area}z", class_=style)
        case Bars(xs, ys, thickness, style):
            half = thickness / 2
            return [_box(plot, (0.0, x), (y - half, y + half), f"bars {style}") for x, y in zip(xs, ys, strict=True)]
        case Spans(lows, highs, ys, style):
            ends = [(plot.at(low, y), plot.at(high, y)) for low, high, y in zip(lows, highs, ys, strict=True)]
            return element("path", d="".join(f"M{a:g} {b:g}H{c:g}" for (a, b), (c, _) in ends), class_=style)
        case Mark(x, style):
            return element("path", d=f"M{plot.at(x, plot.y.low)[0]:g} 0V{plot.floor}", class_=style)
        case Note(x, y, text, style, side):
            a, b = plot.at(x, y)
            if side in ("above", "below"):
                down = -7 if side == "above" else 20
                return element("text", text, x=a, y=b + down, class_=f"note {style}", text_anchor="middle")
            left = side == "left"
            anchor = "end" if left else "start"
            down = 4 if side == "beside" else 18
            return element("text", text, x=a - 9 if left else a + 9, y=b + down, class_=f"note {style}", text_anchor=anchor)
        case Cell(column, row, value, text):
            kind = "none" if value is None else "right" if value >= 0 else "wrong"
            opacity = None if value is None else round(min(1.0, abs(value)), 2)
            box = _box(plot, (column - 0.49, column + 0.49), (row - 0.48, row + 0.48), f"cell {kind}", fill_opacity=opacity)
            a, b = plot.at(column, row)
            return [box, element("text", text.replace("\n", " "), x=a, y=b + 4, class_="label", text_anchor="middle")]


def _box(plot: Plot, across: tuple[float, float], along: tuple[float, float], class_: str, **more: float | None) -> Markup:
    (a, b), (c, d) = plot.at(across[0], along[0]), plot.at(across[1], along[1])
    size = {"width": max(abs(c - a), 1.0), "height": abs(d - b)}
    return element("rect", x=min(a, c), y=min(b, d), **size, class_=class_, **more)


def _levels(points: Points) -> list[str]:
    """Return the class of the colour of each point, empty where they have none; colours have equally many points."""
    if points.shades is None:
        return [""] * len(points.xs)
    values = points.shades.values
    low, high = min(values), max(values)
    return [f" shade{min(_SHADES - 1, int(_SHADES * (value - low) / (high - low or 1.0)))}" for value in values]


def _keys(one: Series) -> list[tuple[str, str]]:
    """Return the styles of a series and what they mean, for the legend."""
    if isinstance(one, Note) or not one.label:
        return []
    if not isinstance(one, Points) or one.shades is None:
        return [(f"{one.style} solid" if isinstance(one, Bars) else one.style, one.label)]
    ends = (min(one.shades.values), max(one.shades.values))
    first, last = (tick_text(value) for value in ends)
    return [(f"{one.style} shade0", f"{one.label}, {one.shades.name} {first}"), (f"{one.style} shade{_SHADES - 1}", last)]
