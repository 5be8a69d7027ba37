"""Networks side by side, and what changed from one to the next."""

from collections.abc import Mapping, Sequence
from typing import Any

from zen_lightning.arch import ArchitectureError, parse_architecture
from zen_lightning.budget import BaseLatencyLimit
from zen_lightning.report.block_changes import MARKS
from zen_lightning.report.block_facts import block_facts
from zen_lightning.report.costs import Kind, cost_of, known
from zen_lightning.report.html.markup import Content, Markup, element, markup
from zen_lightning.report.html.network import drawing
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.tables import code, paragraph, table
from zen_lightning.report.stage_comparison import COLUMNS, StageFacts, stage_cells, stage_facts, stage_order
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.system.numbers import score_cell


def comparison(run: RunFolder) -> list[Section]:
    """Return the sections that set several networks side by side; none for what is no comparison."""
    networks = run.result.get("networks")
    if run.task != "compare" or not isinstance(networks, list):
        return []
    sections = [Section("totals", "Side by side", _totals(networks, run.result.get("scores") or []))]
    pictures, stages = [], []
    for one in networks:
        try:
            architecture = parse_architecture(one["structure"])
        except ArchitectureError:
            continue
        blocks = block_facts(architecture, one["resolution"], one["num_classes"], one["use_se"])
        stages.append((one["name"], stage_facts(blocks, one["resolution"])))
        pictures.append(drawing(blocks, one["resolution"], one["name"], element("strong", one["name"]), named=True))
    if pictures:
        sections.append(Section("drawings", "The networks", element("div", pictures, class_="stack")))
        sections.append(Section("stages", "Stage by stage", _stages(stages)))
    changes = [_changes(step) for step in run.result.get("changes") or []]
    if changes:
        sections.append(Section("changes", "What changed", markup(*changes)))
    structures = [markup(paragraph(element("strong", one["name"])), code(one["structure"], one["name"])) for one in networks]
    return [*sections, Section("structures", "Structures", markup(*structures))]


def _totals(networks: Sequence[Mapping[str, Any]], scores: Sequence[Mapping[str, Any]]) -> Markup:
    """Return a row for each figure, a column for each network."""
    rows: list[list[Content]] = [[kind.title, *_costs(networks, kind)] for kind in known(networks)]
    if timed := known(networks, [BaseLatencyLimit]):
        rows += [[kind.title, *_costs(networks, kind)] for kind in timed]
    if any("val_top1" in one for one in networks):
        rows.append(["val top-1", *(f"{one['val_top1']:.2f}%" if "val_top1" in one else "" for one in networks)])
    rows += [
        ["images, for FLOPs and scores", *(f"{one['resolution']} px" for one in networks)],
        ["classes", *(f"{one['num_classes']:,}" for one in networks)],
        ["squeeze-and-excitation", *("with" if one["use_se"] else "without" for one in networks)],
    ]
    for proxy in dict.fromkeys(row["proxy"] for row in scores):
        values = {row["network"]: row for row in scores if row["proxy"] == proxy}
        cells = [score_cell(values[place]["value"], values[place]["error"]) for place in range(len(networks))]
        rows.append([f"{proxy}, score", *cells])
    return table(["", *(element("code", one["name"]) for one in networks)], rows, "Totals")


def _costs(networks: Sequence[Mapping[str, Any]], kind: Kind) -> list[str]:
    """Return a cost of each network, in full; nothing where it is not known."""
    values = [cost_of(one, kind) for one in networks]
    return ["" if value is None else kind.text(value) if kind.unit else f"{value:,.0f}" for value in values]


def _stages(networks: Sequence[tuple[str, Sequence[StageFacts]]]) -> Markup:
    rows: list[list[Content]] = []
    for stage in stage_order([stages for _, stages in networks]):
        found = [(name, one) for name, stages in networks for one in stages if one.name == stage]
        rows += [[stage if place == 0 else "", name, *stage_cells(one)] for place, (name, one) in enumerate(found)]
    return table(["output / image", *COLUMNS], rows, "1/4: a fourth of the height and width of the image", left=5)


def _changes(step: Mapping[str, Any]) -> Markup:
    rows = [
        [
            element("span", MARKS.get(block["kind"], ""), class_=f"change {block['kind']}", title=block["kind"]),
            element("code", block["from"]) if block["from"] else "",
            element("code", block["to"]) if block["to"] else "",
            ", ".join(block["what"]).replace("->", "→") or block["kind"],
        ]
        for block in step["blocks"]
    ]
    title = f"From {step['from']} to {step['to']}"
    return table(["", step["from"], step["to"], "what"], rows, title, left=4)
