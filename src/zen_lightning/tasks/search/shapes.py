"""The shapes that ``shape=`` demands, from the configuration."""

from collections.abc import Sequence
from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning.budget import Effectiveness, LargestShare, LayersEachStage, RisingWidths, Shape
from zen_lightning.errors import UserError, keyed

_WIDTHS = ("rising",)


def read_shapes(config: DictConfig) -> list[Shape]:
    """Return the shapes that a network must have; a key that is null demands nothing.

    Raises:
        UserError: a value that cannot be used; the message names its key.
    """
    node = config.shape
    found: list[Shape] = []
    if node.widths is not None:
        if node.widths not in _WIDTHS:
            expected = "rising (no width below the one before it), or null"
            raise UserError(key="shape.widths", value=node.widths, expected=expected)
        found.append(RisingWidths())
    with keyed("shape"):
        if node.layers_each_stage is not None:
            found.append(LayersEachStage(*_bounds(node.layers_each_stage), config.resolution))
        if node.largest_share is not None:
            found.append(LargestShare(node.largest_share, config.resolution))
        if node.effectiveness is not None:
            found.append(Effectiveness(node.effectiveness))
    return found


def shapes_identity(shapes: Sequence[Shape]) -> dict[str, str]:
    """Return what makes it a search for these shapes; empty without any, as in searches of earlier versions."""
    return {shape.name: shape.wanted() for shape in shapes}


def _bounds(node: Any) -> tuple[int, int | None]:
    value: Any = OmegaConf.to_container(node, resolve=True) if OmegaConf.is_config(node) else node
    pair = value if isinstance(value, list) else [value, None]
    whole = all(isinstance(one, int) and not isinstance(one, bool) for one in pair if one is not None)
    if len(pair) != 2 or not whole or pair[0] is None:
        raise UserError(key=LayersEachStage.name, value=value, expected="[least,most], such as [2,6], or the least alone")
    return pair[0], pair[1]
