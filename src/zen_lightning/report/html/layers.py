"""Every layer of a network, below the block that it belongs to."""

from collections.abc import Mapping, Sequence
from itertools import groupby

from zen_lightning.report.html.markup import Content, Markup, element, markup
from zen_lightning.report.html.page import Section
from zen_lightning.report.html.tables import paragraph, table
from zen_lightning.report.layer_text import field_text, memory_text, shape_text
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.system.numbers import short_count

_FILE = "layers.csv"
_COLUMNS = ["layer", "kind", "arrives", "leaves", "parameters", "FLOPs", "memory, KiB", "sees, px", "step, px"]
_NOTE = (
    "Memory: the output of the layer, for one image in float32. Sees: its receptive field, in a large enough image; after "
    "global pooling it is the whole image. Squeeze-and-excitation does not count for it. Step: pixels of the image between two "
    "neighbouring outputs. FLOPs: multiply-adds of convolutions and linear layers. layers.csv has all of these numbers."
)


def layers(run: RunFolder) -> Section | None:
    """Return the section on the layers of ``layers.csv``; None for a run without."""
    rows = run.table(_FILE)
    if not rows or "receptive_field" not in rows[0]:
        return None
    blocks = [_block(list(found)) for _, found in groupby(rows, key=lambda row: row["part"])]
    return Section("layers", f"The layers: {len(rows):,}", markup(*blocks, paragraph(_NOTE)))


def _block(rows: Sequence[Mapping[str, str]]) -> Markup:
    params, flops = (sum(int(row[key]) for row in rows) for key in ("params", "flops"))
    most = max(int(row["activation_bytes"]) for row in rows)
    seen = rows[-1]["receptive_field"]
    told = (
        f" {len(rows)} layer{'s' * (len(rows) > 1)}, {short_count(params)} parameters, {short_count(flops)} FLOPs, "
        f"largest map {memory_text(most)}, sees {field_text(int(seen) if seen else None)}"
    )
    caption = f"The layers of {rows[0]['block']}"
    listed = table(_COLUMNS, [_cells(row) for row in rows], caption, left=4, sortable=True)
    return element("details", element("summary", element("code", rows[0]["block"]), told), listed)


def _cells(row: Mapping[str, str]) -> list[Content]:
    field = row["receptive_field"]
    return [
        element("code", row["layer"]),
        row["kind"],
        *(shape_text([int(side) for side in row[key].split("x")]) for key in ("in_shape", "out_shape")),
        f"{int(row['params']):,}",
        f"{int(row['flops']):,}",
        f"{int(row['activation_bytes']) / 1024:,.1f}",
        field or "all",
        row["jump"],
    ]
