"""A chart as SVG: axes, and whatever is drawn between them."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from zen_lightning.report.html.markup import Content, Markup, element
from zen_lightning.report.html.scale import Axis

WIDTH, HEIGHT = 560, 380
LEFT, RIGHT, TOP, BOTTOM = 66, 18, 34, 52


class Plot(NamedTuple):
    """Where values lie in a chart.

    Attributes:
        x: the horizontal axis.
        y: the vertical one.
    """

    x: Axis
    y: Axis

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return the place of a point, in units of the drawing."""
        across, up = self.x.share(x), self.y.share(y)
        return (
            round(LEFT + across * (WIDTH - LEFT - RIGHT), 1),
            round(HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM), 1),
        )

    def line(self, xs: Sequence[float], ys: Sequence[float]) -> str:
        """Return the path of a line through points."""
        places = [self.at(x, y) for x, y in zip(xs, ys, strict=True)]
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in places)

    def dots(self, xs: Sequence[float], ys: Sequence[float]) -> str:
        """Return the path of dots: strokes of no length, which round ends make visible."""
        return "".join(f"M{x:g} {y:g}h0" for x, y in (self.at(x, y) for x, y in zip(xs, ys, strict=True)))


def chart(plot: Plot, description: str, *marks: Content, **attributes: Any) -> Markup:
    """Return an SVG with axes and marks.

    Args:
        plot: its axes.
        description: what it shows, for those who do not see it.
        marks: to draw, in order; what lies beyond the axes is cut off.
        attributes: of the SVG.
    """
    floor, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    grid: list[Markup] = []
    for value in plot.x.ticks():
        x, _ = plot.at(value, plot.y.low)
        grid.append(element("path", d=f"M{x:g} {TOP}V{floor}", class_="grid"))
        grid.append(element("text", plot.x.text(value), x=x, y=floor + 20, class_="tick", text_anchor="middle"))
    for value in plot.y.ticks():
        _, y = plot.at(plot.x.low, value)
        grid.append(element("path", d=f"M{LEFT} {y:g}H{right}", class_="grid"))
        grid.append(element("text", plot.y.text(value), x=LEFT - 8, y=y + 4, class_="tick", text_anchor="end"))
    # An SVG of its own cuts off what lies beyond it, and needs no name of a clipping path, which two charts might share.
    inside = element(
        "svg",
        *marks,
        x=LEFT,
        y=TOP - 6,
        width=right - LEFT + RIGHT,
        height=floor - TOP + 6,
        viewBox=f"{LEFT} {TOP - 6} {right - LEFT + RIGHT} {floor - TOP + 6}",
    )
    return element(
        "svg",
        element("title", description),
        grid,
        element("path", d=f"M{LEFT} {floor}H{right}", class_="axis"),
        element("text", plot.y.label, x=4, y=16, class_="label"),
        element("text", plot.x.label, x=right, y=HEIGHT - 6, class_="label", text_anchor="end"),
        inside,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        class_="chart",
        role="img",
        aria_label=description,
        **attributes,
    )


def figure(drawing: Markup, caption: Content, legend: Sequence[tuple[str, str]] = (), class_: str = "") -> Markup:
    """Return a figure: a drawing, what its marks mean, and a caption.

    Args:
        drawing: the SVG.
        caption: below it.
        legend: class of the mark, and what it stands for.
        class_: of the figure.
    """
    keys = [element("li", element("i", class_=f"key {mark}"), text) for mark, text in legend]
    return element(
        "figure",
        drawing,
        element("ul", keys, class_="legend") if keys else None,
        element("figcaption", caption),
        class_=class_ or None,
    )


def shown_as(text: Callable[[float], str]) -> Callable[[float], str]:
    """Return a formatter of ticks that drops the zeros after the point.

    Example:
        >>> shown_as(lambda value: f"{value:.2f}M")(3.0)
        '3M'
    """

    def written(value: float) -> str:
        number = text(value)
        head = number.rstrip("kMG")
        unit = number[len(head) :]
        return (head.rstrip("0").rstrip(".") if "." in head else head) + unit

    return written
