"""How well proxies rank networks of known accuracy."""

from zen_lightning.arch import ArchitectureError, parse_architecture
from zen_lightning.budget import FlopsLimit, counts
from zen_lightning.report.charts.correlations import Interval, correlation_bars, rank_scatter
from zen_lightning.report.charts.networks import MOST, Point, evenly
from zen_lightning.report.html.markup import Content, element, markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.svg import figure, point_data
from zen_lightning.report.html.tables import link, table
from zen_lightning.runs.run_folder import Row, RunFolder, number
from zen_lightning.system.numbers import interval_text, score_text, short_count

_DATA = "scored"
_SCATTER = "scatter"
_SPEARMAN = {"spearman": "Spearman"}


def correlations(run: RunFolder) -> Section | None:
    """Return the section on how proxies rank: bars with intervals, a table, and the scatter of the best; None without any."""
    rows = run.table("correlations.csv")
    if not rows:
        return None
    known = [row for row in rows if number(row, "kendall") is not None]
    column = str(run.result.get("column") or run.result.get("accuracy", "accuracy"))
    bands = _bands(run, rows[0])
    partial = ["partial_spearman"] if bands and any(number(row, "partial_spearman") is not None for row in rows) else []
    cells = [
        [
            row["proxy"],
            f"{int(row['n']):,}",
            *(interval_text(*_ends(row, key)) for key in ("kendall", *bands, *partial, "spearman")),
            f"{1000 * seconds:.3g}" if (seconds := number(row, "seconds_per_network")) is not None else "n/a",
            row["could_not_score"],
        ]
        for row in rows
    ]
    columns = ["proxy", "networks", "Kendall", *(f"at equal cost: {name}" for name in bands.values())]
    columns += [*(["partial Spearman"] if partial else []), "Spearman", "ms a network", "not scored"]
    figures: list[Content] = []
    if known:
        named = {"kendall": "Kendall, all networks"} | {key: f"Kendall, {name}" for key, name in bands.items()}
        shown = [(name, [_estimate(row, key) for row in known]) for key, name in (named | ({} if bands else _SPEARMAN)).items()]
        bars = correlation_bars([row["proxy"] for row in known], shown, column)
        figures.append(figure(bars, f"Rank correlation with {column}; lines are 95% intervals."))
        figures.append(_scatter(run, known[0]["proxy"], column))
    listed = table(columns, cells, f"Rank correlation with {column}", sortable=True)
    return Section("correlations", "Correlations", markup(element("div", figures, class_="pair"), listed, _regrets(run)))


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
            interval_text(*_ends(row, "share_of_possible_gain"), form=".0%"),
        ]
        for row in rows
    ]
    columns = ["proxy", "budget", "networks", "mean of all", "best by score", "best there are", "share of the possible gain"]
    what = f"The {rows[0]['best']} best by score of the networks that cost 85 to 100% of a budget"
    return table(columns, cells, what, left=2, sortable=True)


def _scatter(run: RunFolder, proxy: str, column: str) -> Content:
    """Return accuracy against the score of one proxy, with a tooltip on each network."""
    points, scores, accuracies = [], [], []
    classes, resolution = run.result["num_classes"], run.result["resolution"]
    for row in evenly([row for row in run.table("scores.csv") if number(row, proxy) is not None], MOST):
        try:
            architecture = parse_architecture(row["architecture"])
        except ArchitectureError:
            continue
        accuracy, score = number(row, column), number(row, proxy)
        if accuracy is None or score is None:
            continue
        costs = counts(architecture, resolution, classes)
        points.append(Point(row["architecture"], accuracy, costs, f"{proxy} {score_text(score)}"))
        scores.append(score)
        accuracies.append(accuracy)
    if len(points) < 2:
        return None
    others = [path for path in sorted((run.path / _SCATTER).glob("*.png")) if path.stem != proxy]
    links = [markup(", " * (at > 0), link(path.stem, f"{_SCATTER}/{path.name}")) for at, path in enumerate(others)]
    said = markup(
        f"{column} against {proxy}, the best of the proxies. Hover over or tap a network for details. ",
        markup("The other proxies, as pictures: ", links, ".") if links else None,
    )
    flops = [float(point.costs[FlopsLimit.column]) for point in points]
    drawn = rank_scatter(proxy, scores, accuracies, column, f"{column} against {proxy}", (FlopsLimit.title, flops), points)
    return markup(figure(drawn, said, _DATA), point_data(_DATA, drawn.networks, column))


def _ends(row: Row, name: str) -> tuple[float | None, float | None, float | None]:
    return number(row, name), number(row, f"{name}_low"), number(row, f"{name}_high")


def _estimate(row: Row, name: str) -> Interval | None:
    value, low, high = _ends(row, name)
    return None if value is None else (value, low, high)
