"""The macro space of TransNAS-Bench-101 (https://arxiv.org/abs/2105.11871)."""

import itertools
from collections.abc import Iterator

from zen_lightning.arch.transnas_macro import DIGITS, MODULES, TransNasArchitecture, is_member
from zen_lightning.space.coded import CodeSpace

_END = "0"


class TransNasMacroSpace(CodeSpace[TransNasArchitecture]):
    """All 3,256 rows of four to six modules, of which one to three double the channels and one to four halve the resolution.

    A code has six positions here, ``0`` after its last module: so a module may be added or taken away at the end. What a
    position may turn into keeps the network in the space, and the digit itself is among it.

    Example:
        >>> space = TransNasMacroSpace()
        >>> sum(1 for _ in space.members())
        3256
        >>> space.choices(space.parse("1142"), 4)
        ['0', '1', '2', '3', '4']
    """

    name = "transnas_macro"
    start = "3334"
    language = TransNasArchitecture

    def members(self) -> Iterator[TransNasArchitecture]:
        """Yield every architecture of the space once."""
        for modules in range(MODULES[0], MODULES[1] + 1):
            yield from map(TransNasArchitecture, filter(is_member, itertools.product(DIGITS, repeat=modules)))

    def padded(self, architecture: TransNasArchitecture) -> tuple[str, ...]:
        """Return six digits."""
        return architecture.parts + (_END,) * (MODULES[1] - len(architecture.parts))

    def trimmed(self, parts: list[str]) -> list[str]:
        """Return the digits without the zeros at the end."""
        return [digit for digit in parts if digit != _END]

    def options(self, parts: tuple[str, ...], index: int) -> tuple[str, ...]:
        """Return the digits with which the code is one of the space."""
        return tuple([digit for digit in (_END, *DIGITS) if _is_padded((*parts[:index], digit, *parts[index + 1 :]))])


def _is_padded(parts: tuple[str, ...]) -> bool:
    code = tuple([digit for digit in parts if digit != _END])
    return parts[: len(code)] == code and is_member(code)
