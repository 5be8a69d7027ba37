"""The architecture language: text, super-blocks, primitives, exact counts. Pure Python."""

from typing import TYPE_CHECKING, Any

from zen_lightning.arch import linear_conv, mb_conv, pre_res, super_conv, super_res  # noqa: F401  (registers the families)
from zen_lightning.arch.architecture import Architecture
from zen_lightning.arch.base import BaseArchitecture, StageSummary
from zen_lightning.arch.block import SuperBlock, families, make_block, super_block
from zen_lightning.arch.errors import ArchitectureError
from zen_lightning.arch.languages import is_architecture, parse_architecture
from zen_lightning.arch.primitives import Conv, Residual, Unit
from zen_lightning.system.lazy import lazy_name

if TYPE_CHECKING:
    from zen_lightning.arch.accel_nasbench import AccelArchitecture
    from zen_lightning.arch.cell import CellArchitecture
    from zen_lightning.arch.coded import CodedArchitecture
    from zen_lightning.arch.nas_bench_macro import MacroArchitecture
    from zen_lightning.arch.transnas_macro import TransNasArchitecture

_LAZY = {
    "AccelArchitecture": "accel_nasbench",
    "CellArchitecture": "cell",
    "CodedArchitecture": "coded",
    "MacroArchitecture": "nas_bench_macro",
    "TransNasArchitecture": "transnas_macro",
}
"""Modules of the languages of benchmarks, imported where one is used."""

__all__ = [
    "AccelArchitecture",
    "Architecture",
    "ArchitectureError",
    "BaseArchitecture",
    "CellArchitecture",
    "CodedArchitecture",
    "Conv",
    "MacroArchitecture",
    "Residual",
    "StageSummary",
    "SuperBlock",
    "TransNasArchitecture",
    "Unit",
    "families",
    "is_architecture",
    "make_block",
    "parse_architecture",
    "super_block",
]


def __getattr__(name: str) -> Any:
    return lazy_name(__name__, _LAZY, name)
