"""How the depth of a search was chosen."""

from zen_lightning.report.charts.depths import chosen_row, depth_charts, judged_by
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
    judge, chosen = judged_by(rows), chosen_row(rows)
    values = [float(row[judge]) for row in rows]
    low, high = min(values), max(values)
    cells: list[list[Content]] = []
    for index, (row, value) in enumerate(zip(rows, values, strict=True)):
        share = (value - low) / (high - low) if high > low else 1.0
        top1, mark = number(row, "top1"), ", chosen" if index == chosen else ""
        score, estimate = f"{float(row['score']):.2f}", "-" if top1 is None else f"{top1:.1f}%"
        calibrated = f"{float(row['calibrated']):.3f}"
        if judge == "trained":
            judged: list[Content] = [calibrated, estimate, bar(share, f"{value:.2f}%{mark}")]
        else:
            judged = [bar(share, calibrated + mark), estimate]
        cells.append([row["limit"], row["layers"], score, *judged])
    columns = ["at most", "layers", "score", "calibrated score", "estimate of top-1"]
    caption = "The best network that was found under each limit on layers; calibrated score and estimate: means of the best"
    if judge == "trained":
        columns.append("trained top-1")
        caption += f"; trained: {_training(run)}"
    charts = depth_charts(rows, f"score of the search ({run.result.get('proxy', 'zen')})")
    figures = element("div", [figure(chart, None) for chart in charts], class_="pair")
    return Section("depth", "Depth", markup(table(columns, cells, caption), figures))


def _training(run: RunFolder) -> str:
    """Return how the best network of each limit was trained, as far as the result says it."""
    how = run.result.get("depth_training") or {}
    images = "all" if how.get("images") is None else f"at most {how['images']:,}"
    size = f", {how['resolution']} px" if how.get("resolution") else ""
    if "epochs" not in how:
        return "the best network after a short training"
    return f"the best network after {how['epochs']} epochs on {images} images of {how['dataset']}{size}"
