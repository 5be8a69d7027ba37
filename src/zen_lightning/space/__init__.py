"""Search spaces: sets of architectures, and mutations within them. Pure Python."""

from typing import Any

from zen_lightning.errors import UserError
from zen_lightning.space.accel_nasbench import AccelNasBenchSpace
from zen_lightning.space.base import SearchSpace
from zen_lightning.space.blocks import BlockSpace, FreeArguments, Replacements
from zen_lightning.space.coded import CodeSpace
from zen_lightning.space.mb_conv import MBConvSpace
from zen_lightning.space.nas_bench_201 import NasBench201Space
from zen_lightning.space.nas_bench_macro import NasBenchMacroSpace
from zen_lightning.space.super_blocks import MobileNetSpace, ResNetSpace
from zen_lightning.space.transnas_macro import TransNasMacroSpace

__all__ = [
    "AccelNasBenchSpace",
    "BlockSpace",
    "CodeSpace",
    "FreeArguments",
    "MBConvSpace",
    "MobileNetSpace",
    "NasBench201Space",
    "NasBenchMacroSpace",
    "Replacements",
    "ResNetSpace",
    "SearchSpace",
    "TransNasMacroSpace",
    "search_space",
]

_SPACES: tuple[type[SearchSpace[Any]], ...] = (
    ResNetSpace,
    MobileNetSpace,
    MBConvSpace,
    NasBench201Space,
    AccelNasBenchSpace,
    NasBenchMacroSpace,
    TransNasMacroSpace,
)


def search_space(name: str) -> SearchSpace[Any]:
    """Return one of the project's search spaces.

    Args:
        name: ``resnet``, ``mobilenet``, ``mbconv``, ``nas_bench_201``, ``accel_nasbench``, ``nas_bench_macro`` or
            ``transnas_macro``.

    Raises:
        UserError: no space has that name.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,16,1,1)")
        >>> search_space("resnet").choices(arch, 0)[:2]
        ['SuperConvK3BNRELU(3,16,1,1)', 'SuperConvK3BNRELU(3,24,1,1)']
    """
    spaces: dict[str, type[SearchSpace[Any]]] = {space.name: space for space in _SPACES}
    if name not in spaces:
        raise UserError("unknown search space", key="name", value=name, choices=list(spaces))
    return spaces[name]()
