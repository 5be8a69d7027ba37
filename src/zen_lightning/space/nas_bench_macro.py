"""The space of NAS-Bench-Macro (https://arxiv.org/abs/2103.11922)."""

import itertools
from collections.abc import Iterator

from zen_lightning.arch.nas_bench_macro import DIGITS, STAGES, MacroArchitecture
from zen_lightning.space.coded import CodeSpace

_LAYERS = sum(layers for _, layers in STAGES)


class NasBenchMacroSpace(CodeSpace[MacroArchitecture]):
    """All 6,561 rows of eight layers, each an identity or one of two MBConv.

    Example:
        >>> space = NasBenchMacroSpace()
        >>> sum(1 for _ in space.members())
        6561
    """

    name = "nas_bench_macro"
    start = "0" * _LAYERS
    language = MacroArchitecture

    def members(self) -> Iterator[MacroArchitecture]:
        """Yield every architecture of the space once."""
        return map(MacroArchitecture, itertools.product(DIGITS, repeat=_LAYERS))

    def options(self, parts: tuple[str, ...], index: int) -> tuple[str, ...]:
        """Return the two other digits."""
        return tuple([digit for digit in DIGITS if digit != parts[index]])
