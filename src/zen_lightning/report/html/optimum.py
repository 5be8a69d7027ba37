"""What the exact optimiser proved: optimum, bound, gap, and how the bound fell."""

from zen_lightning.report.html.markup import element
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.tables import structure_code, table, tiles
from zen_lightning.runs.run_folder import RunFolder, number
from zen_lightning.system.numbers import score_text


def optimum(run: RunFolder) -> Section | None:
    """Return the section on the proof; None for a run without one."""
    result = run.result
    if "optimum" not in result or "bound" not in result:
        return None
    best, bound, gap = result["optimum"], result["bound"], result["bound"] - result["optimum"]
    percent = 100 * gap / abs(best) if best else 0.0
    facts = tiles(
        [
            ("highest score of the search's proxy", score_text(best)),
            ("no network scores more than", score_text(bound)),
            ("gap", f"{gap:.2g} ({percent:.2g}%)"),
        ]
    )
    rows = [
        [row["step"], f"{int(row['blocks']):,}", *(_score(row, column) for column in ("best", "bound"))]
        for row in run.table("bounds.csv")
    ]
    said = element(
        "p",
        f"The bound holds for every network of the space within the limits with widths up to {result['widths_up_to']:,}. ",
        "The network of the highest score by the search's proxy: ",
        structure_code(result["optimum_structure"]),
    )
    course = table(["step", "blocks left", "best score", "upper bound"], rows, "How the bound came down") if rows else None
    return Section("optimum", "The optimum and its bound", element("div", facts, said, course))


def _score(row: dict[str, str], column: str) -> str:
    value = number(row, column)
    return "" if value is None else score_text(value)
