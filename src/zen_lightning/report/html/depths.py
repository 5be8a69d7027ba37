"""How the depth of a search was chosen."""

from zen_lightning.report.charts.depths import depth_charts
from zen_lightning.report.html.markup import Content, element, markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.svg import figure
from zen_lightning.report.html.tables import bar, table
from zen_lightning.runs.run_folder import RunFolder, number


def depths(run: RunFolder) -> Section | None:
    """Return the section with the best network of each depth; None where the depth was given."""
    rows = [row for row in run.table("depths.csv") if number(row, "calibrated") is not None]
    if not rows:
        return None
    values = [float(row["calibrated"]) for row in rows]
    low, high = min(values), max(values)
    chosen = values.index(high)  # Of equals the one with fewest layers, as the search takes it.
    cells: list[list[Content]] = []
    for index, (row, value) in enumerate(zip(rows, values, strict=True)):
        share = (value - low) / (high - low) if high > low else 1.0
        top1 = number(row, "top1")
        shown = f"{value:.3f}" + (", chosen" if index == chosen else "")
        score, estimate = f"{float(row['score']):.2f}", "-" if top1 is None else f"{top1:.1f}%"
        cells.append([row["limit"], row["layers"], score, bar(share, shown), estimate])
    columns = ["at most", "layers", "score", "calibrated score", "estimate of top-1"]
    caption = "The best network of a short search under each limit on layers; calibrated score and estimate: means of the best"
    charts = depth_charts(rows, f"score of the search ({run.result.get('proxy', 'zen')})")
    figures = element("div", [figure(chart, None) for chart in charts], class_="pair")
    return Section("depth", "Depth", markup(table(columns, cells, caption), figures))
