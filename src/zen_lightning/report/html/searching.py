"""What a search found on its way: the curve, the cloud of candidates, the finalists, the front."""

from collections.abc import Sequence

from zen_lightning.report.charts.chart import Chart
from zen_lightning.report.charts.cloud import candidates, front_charts
from zen_lightning.report.charts.search import search_curve
from zen_lightning.report.front_names import cost_text
from zen_lightning.report.html.markup import Content, element
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.svg import figure, point_data
from zen_lightning.report.html.tables import link, structure_code, table
from zen_lightning.runs.run_folder import Row, RunFolder, number
from zen_lightning.system.numbers import score_text, short_count

_DATA = "candidates"
_LATENCIES = {"latency_ms": "ms an image, predicted", "measured_ms": "measured"}
_FRONT = "No other that was found scores as high and costs no more by any objective. "
_POINT = "Point at one, or tap it: structure, score and costs appear."


def search(run: RunFolder) -> Section | None:
    """Return the section on the course of a search and its candidates; None where there is no history."""
    chart = candidates(run)
    return _course(run, "The search and its candidates", [chart] if chart is not None else [], _POINT)


def front(run: RunFolder) -> Section | None:
    """Return the section on the course of a search and its front; None where there is no history."""
    charts = front_charts(run) if run.table("front.csv") else []
    return _course(run, "The search and its front", charts, f"{_FRONT}{_POINT}")


def _course(run: RunFolder, title: str, clouds: Sequence[Chart], said: str) -> Section | None:
    history = run.table("history.csv")
    if not history:
        return None
    figures: list[Content] = [figure(search_curve(history), _curve_caption(run))]
    for place, chart in enumerate(clouds):
        caption = f"The same networks against {chart.x.label}." if place else f"{chart.title}. {said}"
        figures.append(figure(chart, caption, _DATA))
    data = point_data(_DATA, clouds[0].networks) if clouds else None
    return Section("search", title, element("div", figures, data, class_="pair"))


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
