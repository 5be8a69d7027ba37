"""Scores of single networks."""

from collections.abc import Mapping
from typing import Any

from zen_lightning.report.costs import cost_cells, known
from zen_lightning.report.html.markup import Markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.tables import structure_code, table
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.system.numbers import score_cell


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
    kinds = known(found)
    rows = [
        [
            _named(one["source"]),
            structure_code(one["structure"]),
            *cost_cells(one, kinds),
        ]
        for one in found
    ]
    shown = table(["network", "structure", *(kind.title for kind in kinds)], rows, "The networks", left=2)
    return Section("networks", "The networks", shown)


def _value(row: Mapping[str, Any]) -> str:
    return score_cell(None if row["ranked_alone"] else row["value"], row["error"], row["standard_error"])


def _remark(row: Mapping[str, Any]) -> str:
    if row["error"]:
        return str(row["error"])
    if row["ranked_alone"]:
        return "ranks networks among each other, and there is just one"
    return ", ".join(f"{name} {value:.4g}" for name, value in row["parts"].items())


def _named(source: str) -> Markup:
    return structure_code(source)
