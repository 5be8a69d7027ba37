"""Search spaces: what an architecture may turn into. Pure Python."""

from typing import Any

from zen_lightning.errors import UserError, nearest
from zen_lightning.space.base import SearchSpace
from zen_lightning.space.blocks import BlockSpace, FreeArguments, Replacements
from zen_lightning.space.nas_bench_201 import NasBench201Space
from zen_lightning.space.super_blocks import MobileNetSpace, ResNetSpace

__all__ = [
    "BlockSpace",
    "FreeArguments",
    "MobileNetSpace",
    "NasBench201Space",
    "Replacements",
    "ResNetSpace",
    "SearchSpace",
    "search_space",
]


def search_space(name: str) -> SearchSpace[Any]:
    """Return one of the project's search spaces.

    Args:
        name: ``resnet``, ``mobilenet`` or ``nas_bench_201``.

    Raises:
        UserError: no space has that name.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,16,1,1)")
        >>> search_space("resnet").choices(arch, 0)[:2]
        ['SuperConvK3BNRELU(3,16,1,1)', 'SuperConvK3BNRELU(3,24,1,1)']
    """
    spaces: dict[str, type[SearchSpace[Any]]] = {space.name: space for space in (ResNetSpace, MobileNetSpace, NasBench201Space)}
    if name not in spaces:
        raise UserError(f"unknown search space {name!r}: choose one of {', '.join(spaces)}{nearest(name, list(spaces))}")
    return spaces[name]()
