"""Networks of Accel-NASBench (https://arxiv.org/abs/2404.08005): seven stages of MBConv, each with its own expansion, kernel,
depth and squeeze-and-excitation. The macro structure is MnasNet's (https://arxiv.org/abs/1807.11626).
"""

import re

from zen_lightning.arch.block import SuperBlock, make_block
from zen_lightning.arch.coded import CodedArchitecture
from zen_lightning.arch.errors import ArchitectureError

STAGES = ((16, 1), (24, 2), (40, 2), (80, 2), (112, 1), (192, 2), (320, 1))
"""(out channels, stride of the first layer) of each stage, as in MnasNet; benchmarks/truth_counts.py checks the counts."""

EXPANSIONS, KERNEL_SIZES = (1, 4, 6), (3, 5)
"""Expansions and kernels that a stage may have, by the search space of the benchmark's paper."""

MOST_LAYERS = (3, 3, 3, 3, 3, 4, 3)
"""The most layers of each stage, by the search space of the benchmark's paper."""

_STEM, _LAST = 32, 1280
"""Channels of the stem and of the last convolution, as in MnasNet."""

_STAGE = re.compile(r"e(\d+)k(\d+)l(\d+)s(\d+)", re.ASCII)
_BETWEEN = re.compile(r"[-_\s]+")
_EXPECTED = "a stage such as e6k3l2s1: expansion, kernel, layers, squeeze-and-excitation 0 or 1"
_SHOWN = 20
"""Characters of a text that an error quotes. A choice: a code of one stage has ten."""


class AccelArchitecture(CodedArchitecture):
    """A network of Accel-NASBench, given by ``e{expansion}k{kernel}l{layers}s{0 or 1}`` for each of seven stages.

    Stem 3 x 3 to 32 channels, stride 2; the stages (:data:`STAGES`), stride in their first layer; 1 x 1 to 1280, global
    pooling, a linear layer. The stages are separated by ``-``, ``_`` or white space.

    Example:
        >>> arch = AccelArchitecture.parse("e6k3l1s0 e4k5l2s0 e6k3l3s0 e6k5l3s0 e6k5l2s0 e1k3l2s0 e1k3l2s0")
        >>> str(arch), arch.num_params(), arch.flops(224)
        ('e6k3l1s0-e4k5l2s0-e6k3l3s0-e6k5l3s0-e6k5l2s0-e1k3l2s0-e1k3l2s0', 2501160, 375723888)
    """

    __slots__ = ()
    resolution = 224
    num_classes = 1000

    @classmethod
    def read(cls, text: str) -> tuple[str, ...]:
        """Return the seven stages."""
        position, end = len(text) - len(text.lstrip()), len(text.rstrip())
        parts: list[str] = []
        for number in range(1, len(STAGES) + 1):
            if parts:
                between = _BETWEEN.match(text, position, end)
                if between is None:
                    raise ArchitectureError(
                        _found(text, position, end), text, position, f"'-' before stage {number} of {len(STAGES)}"
                    )
                position = between.end()
            match = _STAGE.match(text, position, end)
            if match is None:
                raise ArchitectureError(f"{_found(text, position, end)} for stage {number}", text, position, _EXPECTED)
            _check(match, text, number)
            parts.append(match.group())
            position = match.end()
        if position != end:
            raise ArchitectureError(
                f"{_found(text, position, end)} after the last stage", text, position, "the end of the code"
            )
        return tuple(parts)

    @classmethod
    def expand(cls, parts: tuple[str, ...]) -> tuple[SuperBlock, ...]:
        """Return stem, stages and the last convolution."""
        blocks = [make_block("SuperConvK3BNRELU", 3, _STEM, 2, 1)]
        channels = _STEM
        for part, (out, stride) in zip(parts, STAGES, strict=True):
            match = _STAGE.fullmatch(part)
            assert match is not None, f"{part!r} was read as a stage"
            expansion, kernel_size, layers, squeezes = match.groups()
            name = f"MBConvE{expansion}K{kernel_size}{'SE' if squeezes == '1' else ''}"
            blocks.append(make_block(name, channels, out, stride, int(layers)))
            channels = out
        blocks.append(make_block("SuperConvK1BNRELU", channels, _LAST, 1, 1))
        return tuple(blocks)

    @classmethod
    def write(cls, parts: tuple[str, ...]) -> str:
        """Return the stages with a dash between them, as the benchmark writes them."""
        return "-".join(parts)


def _check(match: "re.Match[str]", text: str, number: int) -> None:
    """Refuse a stage that the benchmark does not have."""
    layers = range(1, MOST_LAYERS[number - 1] + 1)
    allowed = (("expansion", EXPANSIONS), ("kernel", KERNEL_SIZES), ("number of layers", layers), ("squeeze", (0, 1)))
    for group, (name, values) in enumerate(allowed, start=1):
        written = match.group(group)
        if written not in map(str, values):
            problem = f"{written[:_SHOWN]} is no {name} of stage {number} of Accel-NASBench"
            raise ArchitectureError(problem, text, match.start(group), f"one of {', '.join(map(str, values))}")


def _found(text: str, position: int, end: int) -> str:
    return repr(text[position : min(end, position + _SHOWN)]) if position < end else "the end"
