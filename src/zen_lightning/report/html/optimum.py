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
    best, bound = result["optimum"], result["bound"]
    known = [("highest score of the search's proxy", score_text(best))]
    if bound is not None:
        percent = 100 * (bound - best) / abs(best) if best else 0.0
        known += [("no network scores more than", score_text(bound)), ("gap", f"{bound - best:.2g} ({percent:.2g}%)")]
    facts = tiles(known)
    rows = [
        [row["step"], f"{int(row['blocks']):,}", *(_score(row, column) for column in ("best", "bound"))]
        for row in run.table("bounds.csv")
    ]
    said = element(
        "p",
        f"{_holds(result['widths_up_to'], bound is not None, result.get('stopped_by_time') is True)} ",
        "The network of the highest score by the search's proxy: ",
        structure_code(result["optimum_structure"]),
    )
    course = table(["step", "blocks left", "best score", "upper bound"], rows, "How the bound came down") if rows else None
    return Section("optimum", "The optimum and its bound", element("div", facts, said, course))


def _holds(widest: int, is_bound: bool, stopped: bool) -> str:
    ended = "The limit on its time ended the search before the proof was complete. " if stopped else ""
    if not is_bound:
        return f"{ended}No bound was proved by then."
    return f"{ended}The bound holds for every network of the space within the limits with widths up to {widest:,}."


def _score(row: dict[str, str], column: str) -> str:
    value = number(row, column)
    return "" if value is None else score_text(value)
