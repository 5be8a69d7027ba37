"""Rows of MBConv of any width and depth, the family of MobileNetV2, MnasNet and EfficientNet."""

from zen_lightning.arch import Architecture, ArchitectureError, SuperBlock
from zen_lightning.arch.mb_conv import KERNEL_SIZES, MBConv
from zen_lightning.arch.super_conv import SuperConv
from zen_lightning.space.blocks import FreeArguments, Replacements
from zen_lightning.space.chained import Chained
from zen_lightning.space.super_blocks import channel_choices, depth_choices

_EXPANSIONS = (1, 3, 4, 6)
"""A choice: the expansions of MobileNetV2 (1, 6), MnasNet (1, 3, 6) and Accel-NASBench (1, 4, 6)."""

_NAMES = tuple(f"MBConvE{e}K{k}{suffix}" for e in _EXPANSIONS for k in KERNEL_SIZES for suffix in ("", "SE"))
_OUT, _DEPTH = (MBConv.arguments.index(name) for name in ("out_channels", "sub_layers"))


class MBConvSpace(Chained):
    """An MBConv may become one of any other expansion (1, 3, 4, 6), kernel and squeeze-and-excitation.

    Widths and depths change as in the space ``mobilenet``, and so do convolutions; a 1 x 1 convolution, the last one, is fixed.

    Example:
        >>> space = MBConvSpace()
        >>> len(space.choices(space.parse("MBConvE6K3(3,16,2,1)"), 0))  # 24 names, 5 widths, 3 depths
        360
    """

    name = "mbconv"
    residual_names = _NAMES
    max_channels = None
    start = (
        "SuperConvK3BNRELU(3,16,2,1)MBConvE1K3(16,16,1,1)MBConvE3K3(16,24,2,1)MBConvE3K3(24,40,2,1)MBConvE3K3(40,80,2,1)"
        "MBConvE3K3(80,96,1,1)MBConvE3K3(96,160,2,1)SuperConvK1BNRELU(160,1280,1,1)"
    )

    def parse(self, text: str) -> Architecture:
        """Return the architecture that a structure string names.

        Raises:
            ArchitectureError: also where it holds another family than MBConv and ``SuperConv``.
        """
        architecture = super().parse(text)
        for block in architecture.blocks:
            if not isinstance(block, MBConv | SuperConv):
                expected = "MBConvE{e}K{k}, MBConvE{e}K{k}SE or SuperConvK{k}BNRELU"
                problem = f"the search space {self.name!r} does not have {block.text}"
                raise ArchitectureError(problem, text, max(0, text.find(block.text)), expected)
        return architecture

    def replacements(self, block: SuperBlock) -> Replacements:
        """Return the allowed replacements of a block."""
        widths = channel_choices(block.out_channels, None)
        if isinstance(block, MBConv):
            return Replacements(block, _NAMES, FreeArguments((_OUT, widths), (_DEPTH, depth_choices(block.sub_layers))))
        free = FreeArguments() if self.is_fixed(block) else FreeArguments((_OUT, widths), (_DEPTH, (1,)))
        return Replacements(block, (block.name,), free)

    def is_fixed(self, block: SuperBlock) -> bool:
        """A 1 x 1 convolution, the last one, never changes."""
        return isinstance(block, SuperConv) and block.kernel_size == 1
