"""Search spaces: what an architecture may turn into. Pure Python."""

from zen_lightning.errors import UserError, nearest
from zen_lightning.space.base import FreeArguments, Replacements, SearchSpace
from zen_lightning.space.super_blocks import MobileNetSpace, ResNetSpace

__all__ = ["FreeArguments", "MobileNetSpace", "Replacements", "ResNetSpace", "SearchSpace", "search_space"]


def search_space(name: str) -> SearchSpace:
    """Return one of the project's search spaces.

    Args:
        name: ``resnet`` or ``mobilenet``.

    Raises:
        UserError: no space has that name.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,16,1,1)")
        >>> search_space("resnet").choices(arch, 0)[:2]
        ['SuperConvK3BNRELU(3,16,1,1)', 'SuperConvK3BNRELU(3,24,1,1)']
    """
    spaces = {space.name: space for space in (ResNetSpace, MobileNetSpace)}
    if name not in spaces:
        raise UserError(f"unknown search space {name!r}: choose one of {', '.join(spaces)}{nearest(name, list(spaces))}")
    return spaces[name]()
