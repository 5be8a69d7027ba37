"""What a search found on its way: the curve, the cloud of candidates, the finalists, the front."""

from collections.abc import Sequence
from typing import Any

from zen_lightning.report.front_names import cost_text
from zen_lightning.report.html.chart import Plot, figure
from zen_lightning.report.html.cloud import Group, cloud_chart, cost_name
from zen_lightning.report.html.curves import search_curve
from zen_lightning.report.html.markup import Content, Markup, element, markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.points import MOST, Point, light, point_data, points_of, tried
from zen_lightning.report.html.published import published_points, scorer_of
from zen_lightning.report.html.tables import link, structure_code, table
from zen_lightning.runs.run_folder import Row, RunFolder, number
from zen_lightning.system.numbers import score_text, short_count

_DATA = "candidates"
_ACROSS = ("flops", "params")
_LATENCIES = {"latency_ms": "ms an image, predicted", "measured_ms": "measured"}
_KEPT = 800
_FRONT = 1_000
_CURVE_KEYS = (("best", "best"), ("mean", "mean of the population"), ("band", "population"))


def search(run: RunFolder) -> Section | None:
    """Return the section on the course of a search and its candidates; None for what is no search."""
    history = run.table("history.csv")
    if not history or "iteration" not in history[0]:
        return None
    curve = figure(search_curve(history), _curve_caption(run), _CURVE_KEYS)
    front = run.table("front.csv")
    clouds = _front_clouds(run, front) if front else _population_cloud(run)
    title = "The search and its front" if front else "The search and its candidates"
    return Section("search", title, element("div", curve, clouds, class_="pair"))


def finalists(run: RunFolder) -> Section | None:
    """Return the section on the best candidates, scored again where there was a second proxy."""
    rows = run.table("finalists.csv")
    if len(rows) < 2:
        return None
    again = any(row["final_score"] for row in rows)
    latency = any(_latency(row) is not None for row in rows)
    columns = ["structure", "score of the search", *(["scored again"] if again else []), "parameters", "FLOPs", "layers"]
    body = [
        [
            structure_code(row["structure"]),
            _score(row, "search_score"),
            *([_scored_again(row)] if again else []),
            short_count(int(row["params"])),
            short_count(int(row["flops"])),
            row["layers"],
            *([_latency_text(row)] if latency else []),
        ]
        for row in rows
    ]
    shown = table([*columns, *(["ms an image"] if latency else [])], body, "The best distinct candidates")
    return Section("finalists", "Finalists", shown)


def front_networks(run: RunFolder) -> Section | None:
    """Return the section on the networks of a front that have a file each."""
    chosen = run.result.get("structures")
    if not isinstance(chosen, list) or not chosen:
        return None
    again = any("score_again" in one for one in chosen)
    known = [key for key in _LATENCIES if any(one.get(key) is not None for one in chosen)]
    columns = ["file", "score", *(["scored again"] if again else []), "parameters", "FLOPs", "layers"]
    columns += [_LATENCIES[key] for key in known]
    rows = [
        [
            link(element("code", one["file"]), one["file"]),
            score_text(one["score"]),
            *([score_text(one["score_again"]) if one.get("score_again") is not None else ""] if again else []),
            cost_text("params", one["params"]),
            cost_text("flops", one["flops"]),
            one["layers"],
            *("" if one.get(key) is None else f"{one[key]:.3g}" for key in known),
        ]
        for one in chosen
    ]
    return Section("networks", "A network for each budget", table(columns, rows, f"{len(rows)} networks of the front"))


def _curve_caption(run: RunFolder) -> str:
    result = run.result
    reasons = sorted((result.get("rejected") or {}).items(), key=lambda item: -item[1])
    total = max(1, result.get("iterations", 1))
    rejected = ", ".join(f"{name} {count / total:.0%}" for name, count in reasons)
    return (
        f"{result.get('accepted', 0) / total:.0%} of {total:,} candidates were accepted; thrown away: {rejected or 'none'}. "
        "What its beginning scored may lie below the chart."
    )


def _population_cloud(run: RunFolder) -> Content:
    population = points_of(run.table("population.csv"))
    if not population:
        return None
    best = [point._replace(name=_finalist_name(place, row)) for place, (point, row) in enumerate(_finalist_points(run))]
    structure = run.result.get("structure")
    answer = [point for point in best if point.structure == structure]
    others = [point for point in best if point.structure != structure]
    named = {point.structure for point in best}
    kept = light([point for point in population if point.structure not in named], _KEPT)
    limits = run.result.get("budgets") or {}
    cost = next((cost for cost in _ACROSS if cost in limits), _ACROSS[0])
    if cost not in limits and "latency_ms" in limits and all(_fits(point, ["latency_ms"]) for point in [*population, *best]):
        cost = "latency_ms"
    seen = {point.structure for point in population}
    sample = tried(run, MOST - _KEPT)
    candidates = [point for point in sample if point.structure not in seen and _fits(point, [cost])]
    published = [point for point in published_points(run, scorer_of(run)) if _fits(point, [cost])]
    groups = [
        Group("tried", "scored on the way", candidates),
        Group("kept", "the last population", kept),
        Group("published", "published", _within(published, [*candidates, *kept, *best], cost)),
        Group("final", "finalists", others),
        Group("answer", "the answer", answer),
    ]
    sampled = ", a sample of all" if run.result.get("accepted", 0) > len(sample) else ""
    tried_ = f"{len(candidates):,} candidates that were scored on the way{sampled}, and the last population. "
    caption = (tried_ if candidates else "") + "Point at one, or tap it: structure, score and costs appear."
    return _cloud_figure(groups, [(cost, limits.get(cost))], caption)


def _front_clouds(run: RunFolder, rows: Sequence[Row]) -> Content:
    front = points_of(rows, name="on the front")
    named = {one["file"]: (one["score"], one["params"], one["flops"]) for one in run.result.get("structures", ())}
    files = {costs: file for file, costs in named.items()}
    chosen: list[Point] = []
    others: list[Point] = []
    for point in front:
        file = files.get((point.score, point.params, point.flops))
        (chosen if file else others).append(point._replace(name=file or point.name))
    shown = light(others, _FRONT)
    seen = {point.structure for point in front}
    candidates = [point for point in tried(run, MOST - _FRONT) if point.structure not in seen]
    objectives = [name for name in run.result.get("objectives", ()) if name != "score"]
    known = [name for name in objectives if all(getattr(point, name, None) is not None for point in front)] or ["flops"]
    limits = run.result.get("budgets") or {}
    published = [point for point in published_points(run, scorer_of(run)) if _fits(point, known)]
    groups = [
        Group("tried", "scored on the way", [point for point in candidates if _fits(point, known)]),
        Group("front", "the front", shown),
        Group("published", "published", _within(published, front, known[0])),
        Group("final", "in structures/", chosen),
    ]
    caption = (
        f"{len(front):,} networks of the front: no other that was found scores as high and costs no more by any objective. "
        "Point at one, or tap it: structure, score and costs appear."
    )
    return _cloud_figure(groups, [(cost, limits.get(cost)) for cost in known], caption)


def _cloud_figure(groups: Sequence[Group], costs: Sequence[tuple[str, float | None]], caption: str) -> Markup:
    present = [group for group in groups if group.points]
    points = [point for group in present for point in group.points]
    legend = [(group.mark, group.meaning) for group in present]
    figures = []
    for number_, (cost, limit) in enumerate(costs):
        drawn = cloud_chart(present, cost, _DATA, limit, below=_staircase(present, cost))
        said = caption if number_ == 0 else f"The same networks against {cost_name(cost)}."
        keys = [*legend, *([("limit", "budget")] if limit else [])]
        figures.append(figure(drawn, said, keys))
    return markup(*figures, point_data(_DATA, points))


def _staircase(groups: Sequence[Group], cost: str) -> Any:
    """Return what draws the best score under any limit on a cost, for a front."""
    front = [point for group in groups if group.mark in ("front", "final") for point in group.points]
    if not any(group.mark == "front" for group in groups):
        return None

    def draw(plot: Plot) -> Content:
        path, best = "", None
        for point in sorted(front, key=lambda point: (getattr(point, cost), -point.score)):
            if best is not None and point.score <= best:
                continue
            x, y = plot.at(getattr(point, cost), point.score)
            path += f"H{x:g}V{y:g}" if path else f"M{x:g} {y:g}"
            best = point.score
        return element("path", d=f"{path}H1000", class_="line best")

    return draw


def _within(published: Sequence[Point], points: Sequence[Point], cost: str) -> list[Point]:
    """Return the published networks that lie among others, or a little beyond: further ones would squeeze these together."""
    most = 1.25 * max(getattr(point, cost) for point in points)
    return [point for point in published if getattr(point, cost) <= most]


def _fits(point: Point, costs: Sequence[str]) -> bool:
    return all(getattr(point, cost) is not None for cost in costs)


def _finalist_points(run: RunFolder) -> list[tuple[Point, Row]]:
    return [(points_of([row], "search_score")[0], row) for row in run.table("finalists.csv")]


def _finalist_name(place: int, row: Row) -> str:
    name = "the answer" if place == 0 else f"finalist {place + 1}"
    again = number(row, "final_score")
    return name if again is None else f"{name}, scored again {score_text(again)}"


def _score(row: Row, column: str) -> str:
    value = number(row, column)
    return "" if value is None else score_text(value)


def _scored_again(row: Row) -> str:
    error = number(row, "standard_error")
    return _score(row, "final_score") + (f" ± {error:.2g}" if error else "")


def _latency(row: Row) -> float | None:
    return number(row, "latency_measured_ms", "latency_ms", "latency_predicted_ms")


def _latency_text(row: Row) -> str:
    value = _latency(row)
    return "" if value is None else f"{value:.3g}"
