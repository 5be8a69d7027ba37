"""Networks of NAS-Bench-Macro (https://arxiv.org/abs/2103.11922): eight layers, each an identity or one of two MBConv."""

from zen_lightning.arch.block import SuperBlock, make_block
from zen_lightning.arch.coded import CodedArchitecture
from zen_lightning.arch.digits import read_digits

STAGES = ((64, 2), (128, 3), (256, 3))
"""(channels, layers) of each stage, whose first layer has stride 2; benchmarks/truth_counts.py checks the counts."""

DIGITS = ("0", "1", "2")
"""The digits of a layer: identity, and the two kinds of MBConv."""

_CHOICES = {"1": "MBConvE3K3", "2": "MBConvE6K5"}
_STEM, _LAST = 32, 1280
"""Channels of the stem and of the last convolution, as in the benchmark."""


class MacroArchitecture(CodedArchitecture):
    """A network of NAS-Bench-Macro, given by eight digits: ``0`` identity, ``1`` MBConv k3 e3, ``2`` MBConv k5 e6.

    Stem 3 x 3 to 32 channels; stages of 2, 3 and 3 layers at 64, 128 and 256 channels, the first layer of each with stride 2
    (an identity is a 1 x 1 convolution with batch norm there); 1 x 1 to 1280, global pooling, a linear layer.

    Example:
        >>> arch = MacroArchitecture.parse("00000001")
        >>> arch.num_params(num_classes=10), arch.flops(resolution=32, num_classes=10)
        (791594, 14115328)
    """

    __slots__ = ()
    resolution = 32
    num_classes = 10

    @classmethod
    def read(cls, text: str) -> tuple[str, ...]:
        """Return the eight digits."""
        layers = sum(layers for _, layers in STAGES)
        return read_digits(text, DIGITS, layers, layers, "the layers of a network of NAS-Bench-Macro")

    @classmethod
    def expand(cls, parts: tuple[str, ...]) -> tuple[SuperBlock, ...]:
        """Return stem, layers and the last convolution; an identity that changes nothing is no block."""
        blocks = [make_block("SuperConvK3BNRELU", 3, _STEM, 1, 1)]
        channels = _STEM
        digits = iter(parts)
        for out, layers in STAGES:
            for layer in range(layers):
                digit = next(digits)
                if digit != "0":
                    blocks.append(make_block(_CHOICES[digit], channels, out, 1 if layer else 2, 1))
                elif not layer:
                    blocks.append(make_block("ConvK1BN", channels, out, 2, 1))
                channels = out
        blocks.append(make_block("SuperConvK1BNRELU", channels, _LAST, 1, 1))
        return tuple(blocks)

    @classmethod
    def write(cls, parts: tuple[str, ...]) -> str:
        """Return the digits in a row."""
        return "".join(parts)
