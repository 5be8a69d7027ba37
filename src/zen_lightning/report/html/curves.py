"""The course of a run: of a search over its iterations, of a training over its epochs."""

from collections.abc import Sequence

from zen_lightning.report.front_names import tick_text
from zen_lightning.report.html.chart import Plot, chart
from zen_lightning.report.html.markup import Content, Markup, element
from zen_lightning.report.html.points import evenly
from zen_lightning.report.html.scale import Axis, spanning
from zen_lightning.runs.run_folder import Row, number

_UNSETTLED = 0.03
"""Share of a search, from its beginning, that does not set the range of the chart."""

_MOST = 400
"""Points of a line: there are not more pixels."""


def search_curve(rows: Sequence[Row]) -> Markup:
    """Return the best score, the mean and the range of the population over the iterations.

    Args:
        rows: of ``history.csv``; of several restarts the best is drawn strong, of the others only the best scores.
    """
    restarts: dict[str, list[Row]] = {}
    for row in rows:
        restarts.setdefault(row["restart"], []).append(row)
    winner = max(restarts.values(), key=lambda found: float(found[-1]["best"]))
    last = float(winner[-1]["iteration"])
    # The first candidates score far below all others, and would flatten the part to look at.
    settled = [float(row["lowest"]) for row in winner if float(row["iteration"]) >= last * _UNSETTLED]
    bests = [float(row["best"]) for row in rows if float(row["iteration"]) >= last * _UNSETTLED]
    begin = max(1.0, min(float(row["iteration"]) for row in winner))
    plot = Plot(
        Axis(begin, max(last, begin * 1.01), "iteration", lambda value: tick_text("flops", value), log=True),
        Axis(*spanning([*settled, *bests]), "score of the search", lambda value: f"{value:.6g}"),
    )
    marks: list[Content] = []
    for found in restarts.values():
        if found is not winner:
            marks.append(element("path", d=_line(plot, evenly(found, _MOST), "best"), class_="line other"))
    shown = evenly(winner, _MOST)
    back = [plot.at(float(row["iteration"]), float(row["lowest"])) for row in reversed(shown)]
    band = _line(plot, shown, "best") + "".join(f"L{x:g} {y:g}" for x, y in back) + "z"
    marks.append(element("path", d=band, class_="band"))
    marks.append(element("path", d=_line(plot, shown, "mean"), class_="line mean"))
    marks.append(element("path", d=_line(plot, shown, "best"), class_="line best"))
    return chart(plot, f"Best score and population over {last:,.0f} iterations", *marks)


def loss_curve(rows: Sequence[Row]) -> Markup:
    """Return training and validation loss over the epochs."""
    train, validated = _known(rows, "train_loss"), _known(rows, "val_loss")
    # The first validations may lie far above all others, and would flatten the part to look at.
    ordered = sorted(value for _, value in validated)
    typical = ordered[len(ordered) * 3 // 4] if ordered else 0.0
    top = 1.1 * max([typical, *(value for _, value in train)], default=1.0)
    plot = Plot(_epochs(rows), Axis(0.0, max(top, 1e-9), "loss", lambda value: f"{value:.6g}"))
    return chart(plot, "Loss over the epochs", _series(plot, train, "line mean"), _series(plot, validated, "line best"))


def accuracy_curve(rows: Sequence[Row]) -> Markup:
    """Return validation top-1 over the epochs, with the best marked."""
    validated = _known(rows, "val_top1")
    best = max(validated, key=lambda pair: pair[1])
    low, high = spanning([value for _, value in validated], 0.08)
    plot = Plot(_epochs(rows), Axis(max(0.0, low), high, "validation top-1, percent", lambda value: f"{value:.6g}"))
    x, y = plot.at(*best)
    star = element("circle", cx=x, cy=y, r=6, class_="star")
    return chart(plot, "Validation top-1 over the epochs", _series(plot, validated, "line best"), star)


def _line(plot: Plot, rows: Sequence[Row], column: str) -> str:
    return plot.line([float(row["iteration"]) for row in rows], [float(row[column]) for row in rows])


def _known(rows: Sequence[Row], column: str) -> list[tuple[float, float]]:
    values = [(float(row["epoch"]), number(row, column)) for row in rows]
    return [(epoch, value) for epoch, value in values if value is not None]


def _epochs(rows: Sequence[Row]) -> Axis:
    first, last = float(rows[0]["epoch"]), float(rows[-1]["epoch"])
    if first == last:
        first, last = first - 1, last + 1
    return Axis(first, last, "epoch", lambda value: f"{value:g}" if value.is_integer() else "")


def _series(plot: Plot, pairs: Sequence[tuple[float, float]], class_: str) -> Content:
    if not pairs:
        return None
    if len(pairs) < 3:
        return element("path", d=plot.dots(*zip(*pairs, strict=True)), class_="dots kept")
    return element("path", d=plot.line(*zip(*evenly(pairs, _MOST), strict=True)), class_=class_)
