"""The network of a run among networks that were trained."""

from collections.abc import Mapping

from zen_lightning.report.html.markup import Content, element, markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.tables import facts, paragraph
from zen_lightning.runs.run_folder import RunFolder


def known_networks(run: RunFolder) -> Section | None:
    """Return the section with the estimate of accuracy; None where a run has none."""
    found = run.result.get("estimate")
    if not isinstance(found, Mapping):
        return None
    interval = f"{found['top1']:.1f}%, 90% interval {found['low']:.1f} to {found['high']:.1f}"
    rows = [("estimate of top-1", interval), ("after", str(found["recipe"]))]
    if found["peers"]:
        higher = f"{found['better_than']:.0f}% of {found['peers']:,} trained networks with the same FLOPs (within 10%)"
        rows.append(("calibrated score higher than", higher))
    said = "From 3,083 trained networks of Accel-NASBench, by the calibrated score. A full training reaches more: compare the "
    note = paragraph(f"{said}estimates of networks with each other, not with published accuracies.", class_="note")
    body: list[Content] = [facts(rows)]
    if found["cautions"]:
        body.append(paragraph("The estimate is an extrapolation, because the network differs from all of these:"))
        body.append(element("ul", [element("li", caution) for caution in found["cautions"]]))
    body.append(note)
    return Section("known", "Among networks that were trained", markup(*body))
