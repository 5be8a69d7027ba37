"""The published network of the same budget."""

from collections.abc import Sequence

from zen_lightning.arch import Architecture
from zen_lightning.budget import COUNTED, counts
from zen_lightning.report.block_facts import block_facts
from zen_lightning.report.html.markup import Content, element, markup
from zen_lightning.report.html.network import drawing
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.reading import architecture_of
from zen_lightning.report.html.tables import paragraph, table, web_link
from zen_lightning.report.published import nearest, scorer_of
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.system.numbers import short_count

PAPER = "https://arxiv.org/abs/2102.01063"

_EXACT_FROM = 1_000
"""Counts from this one up are shortened, followed by the exact count; smaller ones are short already."""

_LATENCIES = {"v100_ms": "V100, batch 64, float16", "t4_ms": "T4, batch 64, INT8", "pixel2_ms": "Pixel 2, batch 1"}


def published(run: RunFolder) -> Section | None:
    """Return the section that compares the network of a run with the published one; None if there is none."""
    architecture = architecture_of(run)
    entry = nearest(run) if architecture is not None else None
    if architecture is None or entry is None:
        return None
    theirs = Architecture.parse(entry.structure)
    result = run.result
    ours_costs, theirs_costs = (counts(one, result["resolution"], result["num_classes"]) for one in (architecture, theirs))
    rows: list[Sequence[Content]] = [
        (kind.title, _exact(ours_costs[kind.column]), _exact(theirs_costs[kind.column]))
        for kind in COUNTED
        if kind.column in ours_costs
    ]
    scorer = scorer_of(run)
    scores = [scorer.score(one, result["resolution"]) if scorer else None for one in (architecture, theirs)]
    if scorer is not None and None not in scores:
        rows.append((f"Zen-score, closed form, {scorer.bn_variance} variance", *(f"{score:.2f}" for score in scores)))
    top1 = result.get("val_top1")
    rows.append(("top-1", "not trained" if top1 is None else f"{top1:.2f}%", f"{entry.published['top1']:.1f}%, as published"))
    if entry.use_se:
        rows.append(("squeeze-and-excitation", "with" if result.get("use_se") else "without", "with, as published"))
    latencies = [(device, entry.published[key]) for key, device in _LATENCIES.items() if key in entry.published]
    rows += [(f"ms an image, {device}", "", f"{value:g}, as published") for device, value in latencies]
    note = paragraph(
        "Parameters, FLOPs and the score of both networks are computed here, without squeeze-and-excitation, as budgets count "
        "them. The other values of the right column are as its authors report them: ",
        web_link("Zen-NAS, ICCV 2021", PAPER),
        ".",
        class_="note",
    )
    blocks = block_facts(theirs, result["resolution"], result["num_classes"])
    body = markup(
        table(["", "this network", element("code", entry.name)], rows, "This network and the published one"),
        note,
        drawing(blocks, result["resolution"], entry.name, markup("The published network, ", element("code", entry.name), ".")),
    )
    return Section("published", "Beside the published network", body)


def _exact(value: int) -> str:
    return f"{short_count(value)} ({value:,})" if value >= _EXACT_FROM else f"{value:,}"
