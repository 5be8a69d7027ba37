"""The layers of a network on the terminal."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zen_lightning.report.layer_text import field_text, memory_text, shape_text
from zen_lightning.report.terminal.table import Table
from zen_lightning.system.numbers import short_count

if TYPE_CHECKING:
    from zen_lightning.nets.layer_table import LayerRow

_OPTIONAL = (3, 6, 5)
"""Columns that a narrow terminal has no room for."""


def layers_shown(layers: "Sequence[LayerRow]") -> "list[LayerRow]":
    """Return the layers that compute: those with multiply-adds; batch norms, relus and poolings are in ``layers.csv`` alone."""
    return [layer for layer in layers if layer.flops]


def layer_lines(layers: "Sequence[LayerRow]", most: int) -> Table:
    """Return a table of the first layers that compute, a section for each part of the network.

    Args:
        layers: all of them.
        most: rows at most.
    """
    shown = layers_shown(layers)
    title = f"The first {most} of {len(shown)} layers" if most < len(shown) else f"{len(shown)} layers"
    columns = ["layer", "kind", "output", "arrives", "params", "FLOPs", "memory", "sees"]
    table = Table(f"{title} with weights", columns, optional=_OPTIONAL)
    for layer, following in zip(shown[:most], [*shown[1:], None], strict=False):
        table.add(
            layer.name,
            layer.kind,
            shape_text(layer.out_shape),
            shape_text(layer.in_shape),
            short_count(layer.params),
            short_count(layer.flops),
            memory_text(layer.activation_bytes),
            field_text(layer.receptive_field),
            end_section=following is not None and following.part != layer.part,
        )
    return table
