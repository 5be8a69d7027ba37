"""A picture as data: axes, and the series between them.

A style is a name (``best``, ``tried``, ``answer``...). What it looks like is said once in each renderer: by a rule of
``report.css``, and by a row of :data:`zen_lightning.report.png.STYLES`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from zen_lightning.report.charts.axis import Axis
from zen_lightning.report.charts.networks import Point


class Shades(NamedTuple):
    """What colours points.

    Attributes:
        name: the name of the quantity.
        values: one for each point.
    """

    name: str
    values: Sequence[float]


class Points(NamedTuple):
    """Marks.

    Attributes:
        xs: horizontal values.
        ys: vertical values.
        style: the style of the marks.
        label: the label in the legend; empty for none.
        shades: what colours them.
        networks: what each is, for the tooltips of a page; empty, or one for each.
    """

    xs: Sequence[float]
    ys: Sequence[float]
    style: str
    label: str = ""
    shades: Shades | None = None
    networks: Sequence[Point] = ()


class Line(NamedTuple):
    """A line through points; with ``steps`` each value holds until the next."""

    xs: Sequence[float]
    ys: Sequence[float]
    style: str
    label: str = ""
    steps: bool = False


class Band(NamedTuple):
    """The area between two lines."""

    xs: Sequence[float]
    lows: Sequence[float]
    highs: Sequence[float]
    style: str
    label: str = ""


class Bars(NamedTuple):
    """Horizontal bars from 0 to each of ``xs``, centred at ``ys``, each ``thickness`` high."""

    xs: Sequence[float]
    ys: Sequence[float]
    thickness: float
    style: str
    label: str = ""


class Spans(NamedTuple):
    """Horizontal intervals at ``ys``."""

    lows: Sequence[float]
    highs: Sequence[float]
    ys: Sequence[float]
    style: str = "interval"
    label: str = ""


class Mark(NamedTuple):
    """A vertical line at ``x``, such as a limit."""

    x: float
    style: str = "limit"
    label: str = ""


class Note(NamedTuple):
    """Text at a point (``side``).

    ``left`` and ``right``: a little lower, on that side; ``beside``: right of it; ``above``, ``below``: over, under it.
    """

    x: float
    y: float
    text: str
    style: str
    side: str = "left"


class Cell(NamedTuple):
    """A square of a table of values between -1 and 1, with text in it; None is no value."""

    column: int
    row: int
    value: float | None
    text: str
    style: str = "cell"
    label: str = ""


Series = Points | Line | Band | Bars | Spans | Mark | Note | Cell


@dataclass(frozen=True)
class Chart:
    """A picture.

    Attributes:
        title: what it shows.
        x: the horizontal axis.
        y: the vertical one.
        series: the series, in the order in which they are drawn; what lies beyond the axes is cut off.
        height: as a multiple of the usual one.
        legend: ``lower right``, ``upper right``, or ``above``.
    """

    title: str
    x: Axis
    y: Axis
    series: Sequence[Series]
    height: float = 1.0
    legend: str = "lower right"

    @property
    def networks(self) -> list[Point]:
        """What its points are, in the order in which they are drawn."""
        return [point for one in self.series if isinstance(one, Points) for point in one.networks]


def rows_height(rows: int, each: float = 0.07, around: float = 0.26) -> float:
    """Return the height of a chart with a row for each of several things."""
    return around + each * max(rows, 2)
