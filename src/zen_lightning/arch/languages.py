"""Telling the language of a text."""

import re

from zen_lightning.arch.accel_nasbench import AccelArchitecture
from zen_lightning.arch.architecture import Architecture
from zen_lightning.arch.base import BaseArchitecture
from zen_lightning.arch.cell import CellArchitecture
from zen_lightning.arch.nas_bench_macro import MacroArchitecture
from zen_lightning.arch.transnas_macro import MODULES, TransNasArchitecture

_LANGUAGES: tuple[tuple[re.Pattern[str], type[CellArchitecture] | type[Architecture]], ...] = (
    (re.compile(r"\s*\|"), CellArchitecture),
    (re.compile(r"\s*e\d"), AccelArchitecture),
    (re.compile(rf"\s*\d{{1,{MODULES[1]}}}\s*$"), TransNasArchitecture),
    (re.compile(r"\s*\d"), MacroArchitecture),
)


_SUPER_BLOCKS = re.compile(r"[^(|]*[(|]")
_CODE = re.compile(r"\s*(?:e\d+k\d+l\d+s\d|\d+\s*$)")


def is_architecture(text: str) -> bool:
    """Whether a text is meant as an architecture and not as a name; it may still contain errors.

    Example:
        >>> is_architecture("SuperConvK3BNRELU(3,8,1,1"), is_architecture("00012212"), is_architecture("runs/best")
        (True, True, False)
    """
    return bool(_SUPER_BLOCKS.match(text) or _CODE.match(text))


def parse_architecture(text: str) -> BaseArchitecture:
    """Return the architecture that a text names, in whichever language it is.

    A cell of NAS-Bench-201 begins with ``|``, a code of Accel-NASBench with ``e`` and a digit; up to six digits name a network
    of TransNAS-Bench-101's macro space, eight one of NAS-Bench-Macro; anything else is a row of super-blocks.

    Args:
        text: one line, white space around it allowed.

    Raises:
        ArchitectureError: with the position and what was expected there.

    Example:
        >>> type(parse_architecture("SuperConvK3BNRELU(3,8,1,1)")).__name__
        'Architecture'
        >>> type(parse_architecture("00012212")).__name__
        'MacroArchitecture'
    """
    for pattern, language in _LANGUAGES:
        if pattern.match(text):
            return language.parse(text)
    return Architecture.parse(text)
