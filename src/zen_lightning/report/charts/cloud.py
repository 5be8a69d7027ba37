"""Networks: a score against a cost."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from zen_lightning.budget import COUNTED, FlopsLimit
from zen_lightning.report.charts.axis import Axis, spanning
from zen_lightning.report.charts.chart import Chart, Line, Mark, Note, Points, Series, Shades
from zen_lightning.report.charts.networks import MOST, Point, light, points_of, tried
from zen_lightning.report.costs import Kind, cost_of, kinds_of, limited
from zen_lightning.report.published import published_points, short_name
from zen_lightning.runs.run_folder import Row, RunFolder, number
from zen_lightning.system.numbers import score_text

BESIDE = "front_beside.csv"
"""The front of another run, in the folder of a run."""

_KEPT, _FRONT = 800, 1_000
"""Points of the last population, and of the front, in a cloud. A choice: the rest of the points are candidates."""

_CROWDED = 1.6
"""Scores are shown that lie at most so many times as far below the middle as the highest lies above it. A choice: the first
candidates of a search score far below all others."""

_LOG_FROM = 20.0
"""Ratio of the largest to the smallest cost above which the cost axis is logarithmic. A choice: between one decade and two."""


class Group(NamedTuple):
    """Networks that are drawn alike.

    Attributes:
        style: the style of their marks; those of style ``timed`` are coloured by iteration.
        label: what they are.
        points: the networks.
    """

    style: str
    label: str
    points: Sequence[Point]


def candidates(run: RunFolder, on_the_way: Sequence[Point] | None = None) -> Chart | None:
    """Return the candidates of a search with its answer; None without any.

    Args:
        run: the run of the search.
        on_the_way: a sample of what was scored; by default what the journals remember of it.
    """
    kinds = kinds_of(run)
    population = points_of(run.table("population.csv"), kinds)
    if not population:
        return None
    best = [_finalist(place, row, kinds) for place, row in enumerate(run.table("finalists.csv"))]
    # A cost that some networks lack, such as a latency that was measured of finalists alone, is none to draw them by.
    shown = [*population, *best]
    bounds = [(kind, limit) for kind, limit in limited(run) if kind.bounds_width and _fitting(shown, [kind]) == shown]
    cost, limit = bounds[0] if bounds else (FlopsLimit, None)
    structure, named, seen = run.result.get("structure"), {one.structure for one in best}, {one.structure for one in population}
    kept = light([point for point in population if point.structure not in named], _KEPT)
    sample = light(tried(run, MOST - _KEPT) if on_the_way is None else on_the_way, MOST - _KEPT)
    scored = _fitting((point for point in sample if point.structure not in seen), [cost])
    sampled = ", a sample of all" if run.result.get("accepted", 0) > len(sample) else ""
    title = f"{len(scored):,} candidates that were scored on the way{sampled}, and the last population"
    groups = [
        Group("timed" if all(one.iteration for one in scored) else "tried", "scored on the way", scored),
        Group("kept", "the last population", kept),
        Group("published", "published", _near(published_points(run), [*scored, *kept, *best], cost)),
        Group("final", "finalists", [point for point in best if point.structure != structure]),
        Group("answer", "the answer", [point for point in best if point.structure == structure]),
    ]
    return network_chart(groups, cost, title if scored else "The last population", run.result["resolution"], limit)


def front_charts(
    run: RunFolder, on_the_way: Sequence[Point] | None = None, published: Sequence[Point] | None = None
) -> list[Chart]:
    """Return the front of a search against each of its costs, with the best score under any limit on it.

    Against every cost also the bounds of an exact front, and against each the front that the run was given beside its own.

    Args:
        run: the run of the search.
        on_the_way: a sample of what was scored; by default what the journals remember of it.
        published: networks to compare with; by default those that the closed form of the run scores.
    """
    kinds = kinds_of(run)
    front = points_of(run.table("front.csv"), kinds, name="on the front")
    files = {(one["score"], *_counted(one)): one["file"] for one in run.result.get("structures", ())}
    named = [point._replace(name=files.get((point.score, *_counted(point.costs)), point.name)) for point in front]
    chosen = [point for point in named if point.name != "on the front"]
    other = points_of(run.table(BESIDE), kinds, name="on the other front")
    seen = {point.structure for point in front}
    sample = light(tried(run, MOST - _FRONT) if on_the_way is None else on_the_way, MOST - _FRONT)
    objectives = [kind for name in run.result.get("objectives", ()) for kind in kinds if kind.name == name]
    costs = [kind for kind in objectives if _fitting(front, [kind]) == front] or [FlopsLimit]
    limits = dict(limited(run))
    beside = _fitting(published_points(run) if published is None else published, costs)
    title = f"{len(front):,} networks of the front, {len(chosen)} in structures/"
    groups = [
        Group("tried", "scored on the way", _fitting((point for point in sample if point.structure not in seen), costs)),
        Group("beside", "another front", light(_fitting(other, costs), _FRONT)),
        Group("front", "the front", light([point for point in named if point.name == "on the front"], _FRONT)),
        Group("published", "published", _near(beside, front, costs[0])),
        Group("final", "in structures/", chosen),
    ]
    charts = []
    for cost in costs:
        lines: list[Line | None] = [_bounds(run, cost, len(costs) == 1)]
        if beside_it := _fitting(other, [cost]):
            lines.append(_staircase(beside_it, cost)._replace(style="other", label="best of the other front"))
        lines.append(_staircase(front, cost))
        drawn = [line for line in lines if line is not None]
        charts.append(network_chart(groups, cost, title, run.result["resolution"], limits.get(cost), drawn))
    return charts


def _bounds(run: RunFolder, cost: Kind, alone: bool) -> Line | None:
    """Return the upper bound of the score under any limit on the cost; None where nothing was proved.

    What is proved of the next network of the front holds for all limits up to its cost.

    Args:
        run: the run of the search.
        cost: the cost.
        alone: whether it is the only one of the front; if not, its bounds have a column of their own.
    """
    column = "bound" if alone else f"bound_{cost.name}"
    rows = [(cost_of(row, cost), number(row, column)) for row in run.table("front.csv")]
    known = sorted((at, bound) for at, bound in rows if at is not None and bound is not None)
    above = [bound for _, bound in [*known[1:], *known[-1:]]]
    return Line([at for at, _ in known], above, "mean", "upper bound", steps=True) if known else None


def network_chart(
    groups: Sequence[Group], cost: Kind, title: str, resolution: int, limit: float | None = None, stairs: Sequence[Line] = ()
) -> Chart:
    """Return score against a cost.

    Args:
        groups: the groups, in the order in which they are drawn; empty ones are left out.
        cost: kind of what lies across.
        title: the title of the chart.
        resolution: the resolution at which costs are counted.
        limit: the limit of the budget on this cost, drawn as a line.
        stairs: lines drawn below the points.
    """
    groups = [group for group in groups if group.points]
    points = [point for group in groups for point in group.points]
    costs = [_cost(point, cost) for point in points]
    low, high = spanning([*costs, *([limit] if limit else [])], 0.04)
    log = min(costs) > 0 and max(costs) > _LOG_FROM * min(costs)
    if log:
        low, high = min(costs) / 1.15, max([*costs, limit or 0.0]) * 1.15
    x = Axis(max(low, 0.0) if min(costs) >= 0 and not log else low, high, cost.axis(resolution), cost.tick, log)
    y = Axis(*spanning(_visible([point.score for point in points]), 0.07), "score")
    series: list[Series] = []
    for line in stairs:
        series.append(line._replace(xs=[*line.xs, x.high], ys=[*line.ys, line.ys[-1]]))
    if limit is not None:
        series.append(Mark(limit, "limit", "budget"))
    for style, label, members in groups:
        shades = Shades("iteration", [point.iteration for point in members]) if style == "timed" else None
        at, scores = [_cost(point, cost) for point in members], [point.score for point in members]
        said = f"{label}: {score_text(scores[0])}" if style == "answer" else label
        series.append(Points(at, scores, style, said, shades, members))
        if style == "published":
            series += [Note(a, b, short_name(one.name), style) for a, b, one in zip(at, scores, members, strict=True)]
    return Chart(title, x, y, series, 0.9)


def _staircase(front: Sequence[Point], cost: Kind) -> Line:
    """Return the best score under any limit on a cost."""
    steps: list[Point] = []
    for point in sorted(front, key=lambda point: (_cost(point, cost), -point.score)):
        if not steps or point.score > steps[-1].score:
            steps.append(point)
    return Line([_cost(one, cost) for one in steps], [one.score for one in steps], "best", "best under a limit", steps=True)


def _cost(point: Point, cost: Kind) -> float:
    return float(point.costs.get(cost.column, 0.0))


def _counted(record: Mapping[str, Any]) -> list[float | None]:
    """Return what distinguishes networks of the same score."""
    return [cost_of(record, kind) for kind in COUNTED]


def _near(published: Sequence[Point], points: Sequence[Point], cost: Kind) -> list[Point]:
    """Return the published networks that lie among others, or a little beyond: others would squeeze the scale."""
    most = 1.25 * max(_cost(point, cost) for point in points)
    return [point for point in _fitting(published, [cost]) if _cost(point, cost) <= most]


def _fitting(points: Iterable[Point], costs: Sequence[Kind]) -> list[Point]:
    return [point for point in points if all(cost.column in point.costs for cost in costs)]


def _finalist(place: int, row: Row, kinds: Sequence[Kind]) -> Point:
    again, name = number(row, "final_score"), "the answer" if place == 0 else f"finalist {place + 1}"
    name = name if again is None else f"{name}, final score {score_text(again)}"
    return points_of([row], kinds, "search_score", name)[0]


def _visible(scores: Sequence[float]) -> list[float]:
    """Return the scores that the chart shows: not those far below the rest."""
    ordered = sorted(scores)
    middle, high = ordered[len(ordered) // 2], ordered[-1]
    floor = middle - _CROWDED * (high - middle)
    return [score for score in ordered if score >= floor] or ordered
