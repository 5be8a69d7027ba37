"""The course of a search: the curve, the cloud of candidates, the finalists, the front."""

from collections.abc import Sequence

from zen_lightning.budget import KINDS, BaseLatencyLimit
from zen_lightning.report.charts.chart import Chart
from zen_lightning.report.charts.cloud import candidates, front_charts
from zen_lightning.report.charts.search import search_curve
from zen_lightning.report.costs import cost_cells, kinds_of, known
from zen_lightning.report.html.markup import Content, element
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.svg import figure, point_data
from zen_lightning.report.html.tables import link, structure_code, table
from zen_lightning.runs.run_folder import Row, RunFolder, number
from zen_lightning.system.numbers import score_text, share_text

_DATA = "candidates"
_FRONT = "No other that was found scores as high and costs no more by any objective. "
_POINT = "Hover over or tap a point for details."


def search(run: RunFolder) -> Section | None:
    """Return the section on the course of a search and its candidates; None where there is no history."""
    chart = candidates(run) if run.table("history.csv") else None
    return _course(run, "The search and its candidates", [chart] if chart is not None else [], _POINT)


def front(run: RunFolder) -> Section | None:
    """Return the section on the course of a search and its front; None where there is neither."""
    charts = front_charts(run) if run.table("front.csv") else []
    title = "The search and its front" if run.table("history.csv") else "The front"
    return _course(run, title, charts, f"{_FRONT}{_POINT}")


def _course(run: RunFolder, title: str, clouds: Sequence[Chart], said: str) -> Section | None:
    history = run.table("history.csv")
    if not history and not clouds:
        return None
    # The exact optimiser has no course.
    figures: list[Content] = [figure(search_curve(history), _curve_caption(run))] if history else []
    for place, chart in enumerate(clouds):
        caption = f"The same networks against {chart.x.label}." if place else f"{chart.title}. {said}"
        figures.append(figure(chart, caption, _DATA))
    data = point_data(_DATA, clouds[0].networks, kinds=kinds_of(run)) if clouds else None
    return Section("search", title, element("div", figures, data, class_="pair"))


def finalists(run: RunFolder) -> Section | None:
    """Return the section on the best candidates, scored again where there was a second proxy."""
    rows = run.table("finalists.csv")
    if len(rows) < 2:
        return None
    again = any(row["final_score"] for row in rows)
    kinds = known(rows, kinds_of(run))
    columns = [*(["final score"] if again else []), "score in the search", *(kind.title for kind in kinds), "structure"]
    body = [
        [
            *([_scored_again(row)] if again else []),
            _score(row, "search_score"),
            *cost_cells(row, kinds),
            structure_code(row["structure"]),  # The last, as it is wide: on a phone the scores are seen first.
        ]
        for row in rows
    ]
    shown = table(columns, body, "The best distinct candidates", left=0, sortable=True, text_last=True)
    return Section("finalists", "Finalists", shown)


def front_networks(run: RunFolder) -> Section | None:
    """Return the section on the networks of a front that have a file each."""
    chosen = run.result.get("structures")
    if not isinstance(chosen, list) or not chosen:
        return None
    again = any("score_again" in one for one in chosen)
    kinds = known(chosen, kinds_of(run))
    measured = any(one.get("measured_ms") is not None for one in chosen)
    columns = ["file", "score", *(["final score"] if again else []), *(kind.title for kind in kinds)]
    columns += ["latency, measured"] if measured else []
    rows = [
        [
            link(element("code", one["file"]), one["file"]),
            score_text(one["score"]),
            *([score_text(one["score_again"]) if one.get("score_again") is not None else ""] if again else []),
            *cost_cells(one, kinds),
            *([_milliseconds(one.get("measured_ms"))] if measured else []),
        ]
        for one in chosen
    ]
    return Section("networks", "A network for each budget", table(columns, rows, f"{len(rows)} networks of the front"))


def _curve_caption(run: RunFolder) -> str:
    result = run.result
    reasons = sorted((result.get("rejected") or {}).items(), key=lambda item: -item[1])
    total = max(1, result.get("iterations", 1))
    rejected = ", ".join(f"{share_text(count / total)} {_reason(name)}" for name, count in reasons) or "none"
    accepted = f"{result.get('accepted', 0) / total:.0%} of {total:,} candidates were accepted."
    return f"{accepted} Rejected: {rejected}. Early low scores are not shown."


def _reason(name: str) -> str:
    kind = next((kind for kind in KINDS if kind.name == name), None)
    if kind is None:
        return f"({name})"  # A shape, a limit of one's own, or a network that the proxy cannot score.
    return f"too much {kind.title}" if kind.unit else f"too many {kind.title}"


def _score(row: Row, column: str) -> str:
    value = number(row, column)
    return "" if value is None else score_text(value)


def _scored_again(row: Row) -> str:
    error = number(row, "standard_error")
    return _score(row, "final_score") + (f" ± {error:.2g}" if error else "")


def _milliseconds(value: float | None) -> str:
    return "" if value is None else BaseLatencyLimit.text(value)
