"""The files of an export: size, latency, how they compare with PyTorch."""

from collections.abc import Mapping
from typing import Any

from zen_lightning.report.html.markup import Content, element, markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.tables import paragraph, table
from zen_lightning.runs.run_folder import RunFolder


def exported(run: RunFolder) -> Section | None:
    """Return the section on the files of ``task=export``; None for other runs."""
    files = run.result.get("files")
    if run.task != "export" or not isinstance(files, list) or not files:
        return None
    timed = run.result.get("pytorch_ms")
    head = ["file", "format", "bytes", "ms an image", "largest difference of logits", "relative", "accuracy"]
    rows: list[list[Content]] = []
    if isinstance(timed, float):
        rows.append(["", "PyTorch", "", f"{timed:.3g}", "", "", ""])
    rows += [_row(file) for file in files if isinstance(file, Mapping)]
    notes = [paragraph(f"ms: one image on one thread of {run.result.get('cpu')}, the median.")] if timed else []
    if run.result.get("calibration"):
        notes.append(paragraph(f"int8: ranges of activations from {run.result['calibration']}."))
    return Section(
        "files", "The files", markup(table(head, rows, "The files of the export, compared with PyTorch", left=2), *notes)
    )


def _row(file: Mapping[str, Any]) -> list[Content]:
    time = file.get("ms")
    return [
        element("code", ", ".join([str(file.get("file")), *file.get("companions", {})])),
        str(file.get("format")),
        f"{file.get('size', 0):,}",
        f"{time:.3g}" if isinstance(time, float) else "",
        f"{file.get('largest_difference', 0):.2g}",
        f"{file.get('relative_difference', 0):.2g}",
        _accuracy(file.get("accuracy")),
    ]


def _accuracy(told: object) -> str:
    if not isinstance(told, Mapping):
        return ""
    if "int8_top1" in told:
        return f"int8 {told['int8_top1']:.1f}%, float32 {told['float32_top1']:.1f}% on {told.get('of')}"
    return f"int8 names the class of float32 for {told.get('same_class', 0):.1f}% of {told.get('of')}"
