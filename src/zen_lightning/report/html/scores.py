"""Scores of single networks, and how well proxies rank networks of known accuracy."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from zen_lightning.arch import ArchitectureError, parse_architecture
from zen_lightning.report.html.chart import figure
from zen_lightning.report.html.cloud import Group, cloud_chart
from zen_lightning.report.html.markup import Content, Markup, element, markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.points import MOST, Point, evenly, point_data
from zen_lightning.report.html.run_folder import Row, RunFolder, number
from zen_lightning.report.html.scale import Axis
from zen_lightning.report.html.tables import structure_code, table
from zen_lightning.report.numbers import score_text, short_count

_DATA = "scored"
_ROW, _NAMES, _SCALE, _PAD = 34, 150, 380, 22


def scores(run: RunFolder) -> Section | None:
    """Return the section on the scores of networks by several proxies; None where there are none."""
    rows = run.result.get("scores")
    if not isinstance(rows, list) or not rows:
        return None
    several = len({row["source"] for row in rows}) > 1
    body = [
        [row["proxy"], *([_named(row["source"])] if several else []), _value(row), f"{row['seconds']:.3f}", _remark(row)]
        for row in rows
    ]
    columns = ["proxy", *(["network"] if several else []), "score", "seconds", "remark"]
    return Section("scores", "Scores", table(columns, body, "Scores", left=2 if several else 1))


def scored_networks(run: RunFolder) -> Section | None:
    """Return the section on the networks that were scored."""
    found = run.result.get("architectures")
    if not isinstance(found, list) or not found:
        return None
    rows = [
        [
            _named(one["source"]),
            structure_code(one["structure"]),
            short_count(one["params"]),
            short_count(one["flops"]),
            one["layers"],
        ]
        for one in found
    ]
    shown = table(["network", "structure", "parameters", "FLOPs", "layers"], rows, "The networks", left=2)
    return Section("networks", "The networks", shown)


def correlations(run: RunFolder) -> Section | None:
    """Return the section on how proxies rank: bars with intervals, a table, and the scatter of the best; None without any."""
    rows = run.table("correlations.csv")
    known = [row for row in rows if number(row, "kendall") is not None]
    if not rows:
        return None
    column = str(run.result.get("accuracy", "accuracy"))
    cells = [
        [
            row["proxy"],
            f"{int(row['n']):,}",
            _estimate(row, "kendall"),
            _estimate(row, "spearman"),
            f"{seconds:.3g}" if (seconds := number(row, "seconds_per_network")) is not None else "n/a",
            row["could_not_score"],
        ]
        for row in rows
    ]
    columns = ["proxy", "networks", "Kendall", "Spearman", "s a network", "not scored"]
    figures: list[Content] = []
    if known:
        said = f"Rank correlation with {column}; lines are 95% intervals."
        figures.append(figure(_bars(known), said, [("kept", "Kendall"), ("tried", "Spearman")]))
        figures.append(_scatter(run, known[0]["proxy"], column))
    body = markup(element("div", figures, class_="pair"), table(columns, cells, f"Rank correlation with {column}"))
    return Section("correlations", "Correlations", body)


def _bars(rows: Sequence[Row]) -> Markup:
    """Return both correlations of each proxy as bars with their intervals, best above."""
    ends = [
        number(row, f"{name}_{end}", name) or 0.0 for row in rows for name in ("kendall", "spearman") for end in ("low", "high")
    ]
    low, high = min(0.0, *ends), max(0.0, *ends) or 1.0

    axis = Axis(low, high, "", str)

    def across(value: float) -> float:
        return round(_NAMES + _SCALE * axis.share(value), 1)

    marks: list[Markup] = []
    height = _PAD + len(rows) * _ROW + 30
    for tick in axis.ticks():
        marks.append(element("path", d=f"M{across(tick)} {_PAD - 6}V{height - 26}", class_="grid"))
        marks.append(element("text", f"{tick:.2g}", x=across(tick), y=height - 8, class_="tick", text_anchor="middle"))
    for place, row in enumerate(rows):
        top = _PAD + place * _ROW
        marks.append(element("text", _shortened(row["proxy"]), x=_NAMES - 8, y=top + 19, class_="tick", text_anchor="end"))
        for offset, name, mark in ((4, "kendall", "kept"), (16, "spearman", "tried")):
            value, least, most = (number(row, key) for key in (name, f"{name}_low", f"{name}_high"))
            if value is None:
                continue
            left, right = sorted((across(0.0), across(value)))
            marks.append(element("rect", x=left, y=top + offset, width=max(right - left, 1.0), height=11, class_=f"bar-{mark}"))
            if least is not None and most is not None:
                marks.append(element("path", d=f"M{across(least)} {top + offset + 5.5}H{across(most)}", class_="interval"))
    said = f"Rank correlations of {len(rows)} proxies"
    width = _NAMES + _SCALE + 30
    return element(
        "svg", element("title", said), marks, viewBox=f"0 0 {width} {height}", class_="chart", role="img", aria_label=said
    )


def _scatter(run: RunFolder, proxy: str, column: str) -> Content:
    """Return accuracy against the score of one proxy, with a tooltip on each network."""
    points, scores_ = [], []
    for row in evenly([row for row in run.table("scores.csv") if number(row, proxy) is not None], MOST):
        try:
            architecture = parse_architecture(row["architecture"])
        except ArchitectureError:
            continue
        accuracy, score = number(row, column), number(row, proxy)
        if accuracy is None or score is None:
            continue
        classes, resolution = run.result["num_classes"], run.result["resolution"]
        costs = architecture.num_params(classes), architecture.flops(resolution, classes), architecture.num_layers
        points.append(Point(row["architecture"], accuracy, *costs, None, f"{proxy} {score_text(score)}"))
        scores_.append(score)
    if len(points) < 2:
        return None
    others = PurePosixPath("scatter")
    said = markup(
        f"{column} against {proxy}, the best of the proxies. Point at a network, or tap it. Those of the other proxies are in ",
        element("code", f"{others}/"),
        " where matplotlib is installed.",
    )
    drawn = cloud_chart([Group("kept", "networks", points)], proxy, _DATA, upwards=column, across=scores_)
    return markup(figure(drawn, said, [("kept", "networks")]), point_data(_DATA, points, column))


def _estimate(row: Row, name: str) -> str:
    value, low, high = (number(row, key) for key in (name, f"{name}_low", f"{name}_high"))
    if value is None:
        return "n/a"
    return f"{value:.3f}" + (f" [{low:.3f}, {high:.3f}]" if low is not None and high is not None else "")


def _value(row: Mapping[str, Any]) -> str:
    if row["error"]:
        return "cannot score"
    if row["value"] is None or row["ranked_alone"]:
        return "-"
    error = f" ± {row['standard_error']:.3g}" if row["standard_error"] else ""
    return score_text(float(row["value"])) + error


def _remark(row: Mapping[str, Any]) -> str:
    if row["error"]:
        return str(row["error"])
    if row["ranked_alone"]:
        return "ranks networks among each other, and there is just one"
    return ", ".join(f"{name} {value:.4g}" for name, value in row["parts"].items())


def _named(source: str) -> Markup:
    return structure_code(source)


def _shortened(name: str) -> str:
    return name if len(name) <= 20 else f"{name[:18]}…"
