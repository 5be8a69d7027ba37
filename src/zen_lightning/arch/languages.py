"""Telling the language of a text."""

import re
from importlib import import_module
from typing import cast

from zen_lightning.arch.architecture import Architecture
from zen_lightning.arch.base import BaseArchitecture

_LANGUAGES = (
    (re.compile(r"\s*\|"), "cell", "CellArchitecture"),
    (re.compile(r"\s*e\d"), "accel_nasbench", "AccelArchitecture"),
    (re.compile(r"\s*\d{1,6}\s*$"), "transnas_macro", "TransNasArchitecture"),  # At most six modules.
    (re.compile(r"\s*\d"), "nas_bench_macro", "MacroArchitecture"),
)
"""How a text of each language of a benchmark begins, and its module and class: imported where there is such a text."""

_GREY = re.compile(r"(?:[^(|,]*\()+(?:[^(),|\r\n]*\|)?1,")
"""The beginning of a network for images of one channel: whatever brackets open, the first integer is 1."""

_SUPER_BLOCKS = re.compile(r"[^(|]*[(|]")
_CODE = re.compile(r"\s*(?:e\d+k\d+l\d+s\d|\d+\s*$)")


MODULE_LIBRARIES = ("torchvision", "timm")
"""Libraries whose networks are named by ``LIBRARY:NAME``."""


def is_named_module(text: str) -> bool:
    """Whether a text is meant as the name of a network of torchvision or timm, whether or not there is one.

    Example:
        >>> is_named_module("timm:regnetx_002"), is_named_module("SuperConvK3BNRELU(timm:|3,8,1,1)")
        (True, False)
    """
    return text.strip().partition(":")[0] in MODULE_LIBRARIES


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

    A row of super-blocks may begin with one channel, for grey images; else with three.

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
    for pattern, module, name in _LANGUAGES:
        if pattern.match(text):
            language = getattr(import_module(f"zen_lightning.arch.{module}"), name)
            return cast(BaseArchitecture, language.parse(text))
    return Architecture.parse(text, written_channels(text))


def written_channels(text: str) -> int:
    """Return the channels of the images that a row of blocks is for: 1 where its first integer is 1, else 3.

    Example:
        >>> written_channels("SuperConvK3BNRELU(1,8,1,1)"), written_channels("Sequential(ConvKX(stem|1,8,3,1))")
        (1, 1)
    """
    return 1 if _GREY.match(text) else 3
