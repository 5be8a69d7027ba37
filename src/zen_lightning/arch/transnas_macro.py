"""Networks of the macro space of TransNAS-Bench-101 (https://arxiv.org/abs/2105.11871): four to six modules of two residual
blocks, which may double the channels and halve the resolution.
"""

from zen_lightning.arch.block import SuperBlock, make_block
from zen_lightning.arch.coded import CodedArchitecture
from zen_lightning.arch.digits import read_digits
from zen_lightning.arch.errors import ArchitectureError

DIGITS = ("1", "2", "3", "4")
"""The digits of a module."""

MODULES = (4, 6)
"""Fewest and most modules, by the benchmark's paper, as the two limits below."""

DOUBLINGS = (1, 3)
"""Fewest and most modules that double the channels (``2`` and ``4``)."""

HALVINGS = (1, 4)
"""Fewest and most modules that halve the resolution (``3`` and ``4``)."""

_STEM = (32, 64)
"""Channels of the two convolutions of the stem; benchmarks/truth_counts.py checks the counts."""

_BLOCKS = 2
"""Residual blocks of a module."""


class TransNasArchitecture(CodedArchitecture):
    """A network of TransNAS-Bench-101's macro space: a digit a module, ``1`` plain, ``2`` twice the channels, ``3`` stride 2,
    ``4`` both; ``0`` after the last is allowed and dropped.

    Stem: 3 x 3 to 32 channels and 3 x 3 to 64, both with stride 2. A module is two residual blocks with pre-activation
    (``PreResK3K3``). No relu follows the last one; global pooling and a linear layer read its output as it is.

    Example:
        >>> arch = TransNasArchitecture.parse("413331")
        >>> arch.num_params(num_classes=63)
        3557343
    """

    __slots__ = ()
    resolution = 256
    num_classes = 63

    @classmethod
    def read(cls, text: str) -> tuple[str, ...]:
        """Return the digits of the modules."""
        padded = text.rstrip()
        code = padded.rstrip("0") if len(padded.lstrip()) <= MODULES[1] else padded
        digits = read_digits(code, DIGITS, *MODULES, "the modules of a network of TransNAS-Bench-101")
        if not is_member(digits):
            doublings, halvings = (f"{fewest} to {most}" for fewest, most in (DOUBLINGS, HALVINGS))
            expected = f"{doublings} modules that double the channels (2, 4) and {halvings} that halve the resolution (3, 4)"
            raise ArchitectureError(f"{''.join(digits)} is not in the space", text, len(text) - len(text.lstrip()), expected)
        return digits

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


def is_member(digits: tuple[str, ...]) -> bool:
    """Whether a code has as many modules, doublings and halvings as the benchmark allows.

    Example:
        >>> is_member(("1", "1", "1", "4")), is_member(("1", "1", "1", "1"))
        (True, False)
    """
    counts = (
        (len(digits), MODULES),
        (sum(digit in "24" for digit in digits), DOUBLINGS),
        (sum(digit in "34" for digit in digits), HALVINGS),
    )
    return all(fewest <= count <= most for count, (fewest, most) in counts)
