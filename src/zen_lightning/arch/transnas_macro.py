"""Networks of the macro space of TransNAS-Bench-101 (https://arxiv.org/abs/2105.11871): four to six modules of two residual
blocks, which may double the channels and halve the resolution.
"""

from zen_lightning.arch.block import SuperBlock, make_block
from zen_lightning.arch.coded import CodedArchitecture
from zen_lightning.arch.digits import read_digits

MODULES = (4, 6)
"""Fewest and most modules."""

DOUBLINGS = (1, 3)
"""Fewest and most modules that double the channels (``2`` and ``4``)."""

HALVINGS = (1, 4)
"""Fewest and most modules that halve the resolution (``3`` and ``4``)."""

_STEM = (32, 64)
_BLOCKS = 2


class TransNasArchitecture(CodedArchitecture):
    """A network of TransNAS-Bench-101's macro space: a digit a module, ``1`` plain, ``2`` twice the channels, ``3`` stride 2,
    ``4`` both; ``0`` after the last is allowed and dropped.

    Stem: 3 x 3 to 32 channels and 3 x 3 to 64, both with stride 2. A module is two residual blocks with pre-activation
    (``PreResK3K3``). Nothing rectifies what leaves the last; global pooling and a linear layer read it as it is.

    Example:
        >>> arch = TransNasArchitecture.parse("413331")
        >>> arch.num_params(num_classes=63)
        3557343
    """

    __slots__ = ()

    @classmethod
    def read(cls, text: str) -> tuple[str, ...]:
        """Return the digits of the modules."""
        padded = text.rstrip()
        code = padded.rstrip("0") if len(padded.lstrip()) <= MODULES[1] else padded
        return read_digits(code, "1234", *MODULES, "the modules of a network of TransNAS-Bench-101")

    @classmethod
    def expand(cls, parts: tuple[str, ...]) -> tuple[SuperBlock, ...]:
        """Return the two convolutions of the stem, and a block a module."""
        first, channels = _STEM
        blocks = [make_block("SuperConvK3BNRELU", 3, first, 2, 1), make_block("ConvK3BN", first, channels, 2, 1)]
        for digit in parts:
            out = channels * 2 if digit in "24" else channels
            blocks.append(make_block("PreResK3K3", channels, out, 2 if digit in "34" else 1, _BLOCKS))
            channels = out
        return tuple(blocks)

    @classmethod
    def write(cls, parts: tuple[str, ...]) -> str:
        """Return the digits in a row."""
        return "".join(parts)
