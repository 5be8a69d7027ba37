"""``layers.csv``: every layer of a network."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zen_lightning.system.csv_files import write_csv

if TYPE_CHECKING:
    from zen_lightning.nets.layer_table import LayerRow

LAYERS = "layers.csv"
COLUMNS = (
    "part",
    "block",
    "layer",
    "kind",
    "in_shape",
    "out_shape",
    "params",
    "flops",
    "activation_bytes",
    "receptive_field",
    "jump",
)


def write_layers(folder: Path, layers: "Sequence[LayerRow]", blocks: Sequence[str]) -> None:
    """Write a row for each layer; shapes as ``64x16x16``, a receptive field of the whole image as nothing.

    Args:
        folder: where the file goes.
        layers: the layers of :func:`~zen_lightning.nets.layer_table.layer_table`.
        blocks: the text of each part.
    """
    write_csv(folder / LAYERS, COLUMNS, [_cells(layer, blocks) for layer in layers])


def _cells(layer: "LayerRow", blocks: Sequence[str]) -> list[Any]:
    return [
        layer.part,
        blocks[layer.part],
        layer.name,
        layer.kind,
        "x".join(map(str, layer.in_shape)),
        "x".join(map(str, layer.out_shape)),
        layer.params,
        layer.flops,
        layer.activation_bytes,
        "" if layer.receptive_field is None else layer.receptive_field,
        f"{layer.jump:g}",
    ]
