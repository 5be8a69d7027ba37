"""Search spaces: sets of architectures, and mutations within them. Pure Python; each is imported when it is first used."""

from typing import TYPE_CHECKING, Any

from zen_lightning.errors import UserError
from zen_lightning.space.base import SearchSpace
from zen_lightning.system.checked import checked
from zen_lightning.system.lazy import lazy_name

if TYPE_CHECKING:
    from zen_lightning.space.accel_nasbench import AccelNasBenchSpace
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

_MODULES = {
    "AccelNasBenchSpace": "accel_nasbench",
    "BlockSpace": "blocks",
    "CodeSpace": "coded",
    "FreeArguments": "blocks",
    "MBConvSpace": "mb_conv",
    "MobileNetSpace": "super_blocks",
    "NasBench201Space": "nas_bench_201",
    "NasBenchMacroSpace": "nas_bench_macro",
    "Replacements": "blocks",
    "ResNetSpace": "super_blocks",
    "TransNasMacroSpace": "transnas_macro",
}
_SPACES = {
    "resnet": "ResNetSpace",
    "mobilenet": "MobileNetSpace",
    "mbconv": "MBConvSpace",
    "nas_bench_201": "NasBench201Space",
    "accel_nasbench": "AccelNasBenchSpace",
    "nas_bench_macro": "NasBenchMacroSpace",
    "transnas_macro": "TransNasMacroSpace",
}
"""Class of each by its name; a test compares them."""


@checked
def search_space(name: str, **settings: Any) -> SearchSpace[Any]:
    """Return one of the project's search spaces.

    Args:
        name: ``resnet``, ``mobilenet``, ``mbconv``, ``nas_bench_201``, ``accel_nasbench``, ``nas_bench_macro`` or
            ``transnas_macro``.
        settings: arguments of its class: ``moves="tied"`` of ``resnet`` and ``mobilenet``.

    Raises:
        UserError: no space has that name.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,16,1,1)")
        >>> search_space("resnet").choices(arch, 0)[:2]
        ['SuperConvK3BNRELU(3,16,1,1)', 'SuperConvK3BNRELU(3,24,1,1)']
    """
    if name not in _SPACES:
        raise UserError("unknown search space", key="name", value=name, choices=list(_SPACES))
    space: SearchSpace[Any] = __getattr__(_SPACES[name])(**settings)
    return space


def __getattr__(name: str) -> Any:
    return lazy_name(__name__, _MODULES, name)
