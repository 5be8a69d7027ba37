"""The cloud of candidates: score against a cost, each point with what is known of the network."""

import json
from collections.abc import Callable, Sequence
from typing import NamedTuple

from zen_lightning.report.front_names import cost_text, tick_text
from zen_lightning.report.html.chart import Plot, chart
from zen_lightning.report.html.markup import Content, Markup, element
from zen_lightning.report.html.points import Point
from zen_lightning.report.html.scale import Axis, spanning

_COST = {"flops": "FLOPs", "params": "parameters", "layers": "layers", "latency_ms": "latency, ms an image"}
_CROWDED = 1.6
_LOG_FROM = 20.0


class Group(NamedTuple):
    """Points that are drawn alike.

    Attributes:
        mark: class of their marks: ``tried``, ``kept``, ``front``, ``final``, ``published`` or ``answer``.
        meaning: what they are.
        points: the networks.
    """

    mark: str
    meaning: str
    points: Sequence[Point]


def cloud_chart(
    groups: Sequence[Group],
    cost: str,
    data: str,
    limit: float | None = None,
    upwards: str = "score",
    below: Callable[[Plot], Content] | None = None,
    across: Sequence[float] | None = None,
) -> Markup:
    """Return a chart of networks.

    The first candidates of a search score far below all others: what lies far below the middle of the points is cut off.

    Args:
        groups: in the order in which they are drawn.
        cost: what lies across: ``flops``, ``params``, ``layers`` or ``latency_ms``.
        data: key of the points' data on the page, which holds all points of all groups in this order.
        limit: of the budget on this cost, drawn as a line.
        upwards: what the score is called.
        below: gives what is drawn below the points.
        across: what lies across instead of a cost, a value for each point; ``cost`` is its name then.
    """
    points = [point for group in groups for point in group.points]
    costs = list(across) if across is not None else [_cost(point, cost) for point in points]
    low, high = spanning([*costs, *([limit] if limit else [])], 0.04)
    log = min(costs) > 0 and max(costs) > _LOG_FROM * min(costs)
    if log:
        low, high = min(costs) / 1.15, max([*costs, limit or 0.0]) * 1.15
    low = max(low, 0.0) if min(costs) >= 0 and not log else low
    shown = _visible([point.score for point in points])
    plot = Plot(
        Axis(low, high, _COST.get(cost, cost), lambda value: tick_text(cost, value), log),
        Axis(*spanning(shown, 0.07), upwards, lambda value: f"{value:.6g}"),
    )
    marks: list[Content] = [below(plot) if below is not None else None]
    if limit is not None:
        x, _ = plot.at(limit, plot.y.low)
        marks.append(element("path", d=f"M{x:g} 0V1000", class_="limit"))
    rest = iter(costs)
    for group in groups:
        xs, ys = [next(rest) for _ in group.points], [point.score for point in group.points]
        marks.append(element("path", d=plot.dots(xs, ys), class_=f"dots {group.mark}"))
    places = [place for cost_, point in zip(costs, points, strict=True) for place in plot.at(cost_, point.score)]
    description = f"{len(points):,} networks, {upwards} against {_COST.get(cost, cost)}"
    return element(
        "div",
        chart(
            plot,
            f"{description}. Arrow keys go from network to network",
            *marks,
            element("circle", r=8, class_="spot", hidden=True),
            tabindex=0,
            data_points=data,
            data_places=json.dumps(places, separators=(",", ":")),
        ),
        class_="cloud",
    )


def cost_name(cost: str) -> str:
    """Return a cost as a caption says it."""
    return _COST.get(cost, cost)


def cost_written(cost: str, value: float) -> str:
    """Return a cost with its unit."""
    return f"{cost_text(cost, value)} ms" if cost == "latency_ms" else cost_text(cost, value)


def _cost(point: Point, cost: str) -> float:
    value = getattr(point, cost)
    return 0.0 if value is None else float(value)


def _visible(scores: list[float]) -> list[float]:
    """Return the scores that the chart shows: not those far below the rest."""
    ordered = sorted(scores)
    middle, high = ordered[len(ordered) // 2], ordered[-1]
    floor = middle - _CROWDED * (high - middle)
    return [score for score in ordered if score >= floor] or ordered
