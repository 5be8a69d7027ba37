"""The architecture language: text, super-blocks, primitives, exact counts. Pure Python."""

from zen_lightning.arch import linear_conv, mb_conv, pre_res, super_conv, super_res  # noqa: F401  (registers the families)
from zen_lightning.arch.accel_nasbench import AccelArchitecture
from zen_lightning.arch.architecture import Architecture
from zen_lightning.arch.base import BaseArchitecture, StageSummary
from zen_lightning.arch.block import SuperBlock, families, make_block, super_block
from zen_lightning.arch.cell import CellArchitecture
from zen_lightning.arch.coded import CodedArchitecture
from zen_lightning.arch.errors import ArchitectureError
from zen_lightning.arch.languages import is_architecture, parse_architecture
from zen_lightning.arch.nas_bench_macro import MacroArchitecture
from zen_lightning.arch.primitives import Conv, Residual, Unit
from zen_lightning.arch.transnas_macro import TransNasArchitecture

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
