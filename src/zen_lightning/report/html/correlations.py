"""How well proxies rank networks of known accuracy."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from zen_lightning.arch import ArchitectureError, parse_architecture
from zen_lightning.report.html.chart import figure
from zen_lightning.report.html.cloud import Group, cloud_chart
from zen_lightning.report.html.markup import Content, Markup, element, markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.points import MOST, Point, evenly, point_data
from zen_lightning.report.html.scale import Axis
from zen_lightning.report.html.tables import table
from zen_lightning.runs.run_folder import Row, RunFolder, number
from zen_lightning.system.numbers import score_text, short_count

_DATA = "scored"
_ROW, _NAMES, _SCALE, _PAD = 34, 150, 380, 22
"""Pixels of the bars: the height of a proxy, the width of its name and of the axis, the margin above."""


def correlations(run: RunFolder) -> Section | None:
    """Return the section on how proxies rank: bars with intervals, a table, and the scatter of the best; None without any."""
    # An aggregate of studies leaves a file of this name too: a table of another form.
    rows = run.table("correlations.csv") if run.task == "correlate" else []
    known = [row for row in rows if number(row, "kendall") is not None]
    if not rows:
        return None
    column = str(run.result.get("column") or run.result.get("accuracy", "accuracy"))
    bands = _bands(run, rows[0])
    cells = [
        [
            row["proxy"],
            f"{int(row['n']):,}",
            _estimate(row, "kendall"),
            *(_estimate(row, key) for key in bands),
            *([_estimate(row, "partial_spearman")] if bands else []),
            _estimate(row, "spearman"),
            f"{seconds:.3g}" if (seconds := number(row, "seconds_per_network")) is not None else "n/a",
            row["could_not_score"],
        ]
        for row in rows
    ]
    columns = ["proxy", "networks", "Kendall", *(f"at equal cost: {name}" for name in bands.values())]
    columns += [*(["partial Spearman"] if bands else []), "Spearman", "s a network", "not scored"]
    figures: list[Content] = []
    if known:
        said = f"Rank correlation with {column}; lines are 95% intervals."
        second = next(iter(bands.items()), ("spearman", "Spearman"))
        name = f"Kendall at equal cost: {second[1]}" if bands else second[1]
        figures.append(figure(_bars(known, second[0]), said, [("kept", "Kendall, all networks"), ("tried", name)]))
        figures.append(_scatter(run, known[0]["proxy"], column))
    shown = table(columns, cells, f"Rank correlation with {column}")
    body = markup(element("div", figures, class_="pair"), shown, _regrets(run))
    return Section("correlations", "Correlations", body)


def _bands(run: RunFolder, row: Row) -> dict[str, str]:
    """Return the columns of Kendall's tau at equal cost, and how each band is called."""
    keys = [key.removesuffix("_pairs") for key in row if key.startswith("kendall_within_") and key.endswith("_pairs")]
    return dict(zip(keys, map(str, run.result.get("within") or []), strict=False))


def _regrets(run: RunFolder) -> Content:
    """Return what the best by each score reach under each budget; None where the run asked for none."""
    rows = run.table("regret.csv")
    if not rows:
        return None
    cells = [
        [
            row["proxy"],
            f"{row['cost']} {short_count(float(row['budget']))}",
            row["networks"],
            *(f"{float(row[key]):.2f}" for key in ("mean", "reached", "possible")),
            _share(row),
        ]
        for row in rows
    ]
    columns = ["proxy", "budget", "networks", "mean of all", "best by score", "best there are", "share of the possible gain"]
    return table(columns, cells, f"The {rows[0]['best']} best by score of the networks that cost 85 to 100% of a budget")


def _share(row: Row) -> str:
    value, low, high = (number(row, "share_of_possible_gain" + end) for end in ("", "_low", "_high"))
    if value is None:
        return "n/a"
    return f"{value:.0%}" + (f" [{low:.0%}, {high:.0%}]" if low is not None and high is not None else "")


def _bars(rows: Sequence[Row], second: str) -> Markup:
    """Return two correlations of each proxy as bars with their intervals, best above: Kendall's over all, and a second."""
    pair = ("kendall", second)
    ends = [number(row, f"{name}_{end}", name) or 0.0 for row in rows for name in pair for end in ("low", "high")]
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
        for offset, name, mark in ((4, pair[0], "kept"), (16, pair[1], "tried")):
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
        f"{column} against {proxy}, the best of the proxies. Hover over or tap a network for details. "
        "Those of the other proxies are in ",
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


def _shortened(name: str) -> str:
    return name if len(name) <= 20 else f"{name[:18]}…"
