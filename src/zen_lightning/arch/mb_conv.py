"""``MBConvE{e}K{k}`` and ``MBConvE{e}K{k}SE``: the blocks of MobileNetV2, MnasNet and EfficientNet.

https://arxiv.org/abs/1801.04381, https://arxiv.org/abs/1807.11626, https://arxiv.org/abs/1905.11946.
"""

from functools import lru_cache
from typing import ClassVar

from zen_lightning.arch.block import SuperBlock, super_block
from zen_lightning.arch.primitives import Conv, Residual, shared_conv, squeezed_channels
from zen_lightning.arch.super_res import SHARED_UNITS, round_to_8

EXPANSIONS = (1, 2, 3, 4, 5, 6, 8)
"""Expansions that a name may have. A choice: those of published networks, and the ones between them."""

KERNEL_SIZES = (3, 5, 7)
"""Kernels that a name may have. A choice: MnasNet and EfficientNet have 3 and 5; 7 is that of the super-blocks of Zen-NAS."""


@super_block("MBConvE{expansion}K{kernel_size}", expansion=EXPANSIONS, kernel_size=KERNEL_SIZES)
class MBConv(SuperBlock):
    """Per sub-layer one inverted bottleneck with a linear output.

    1 x 1 convolution to the expanded width and relu, depthwise k x k convolution and relu, 1 x 1 convolution to the out
    channels without activation; a batch norm after each. The expanded width is the expansion times the input width, rounded to
    a multiple of 8; with an expansion of 1 there is no first convolution. Where the stride is 1 and the widths agree, the
    identity is added, and no relu follows: a network is a row of these with nothing rectified between them.
    """

    channels_by_input = True
    squeezes: ClassVar[bool] = False
    kernel_size: int
    expansion: int

    def unpack(self, args: tuple[int, ...]) -> None:
        """Set an attribute for each argument."""
        self.in_channels, self.out_channels, self.stride, self.sub_layers = args

    def expand(self) -> tuple[Residual, ...]:
        """Return one unit a sub-layer; stride and input width belong to the first."""
        shape = (self.out_channels, self.expansion, self.kernel_size)
        first = mb_layer(self.in_channels, *shape, self.stride, self.squeezes)
        if self.sub_layers == 1:
            return (first,)
        return first, *(mb_layer(self.out_channels, *shape, 1, self.squeezes),) * (self.sub_layers - 1)


@super_block("MBConvE{expansion}K{kernel_size}SE", expansion=EXPANSIONS, kernel_size=KERNEL_SIZES)
class MBConvSE(MBConv):
    """The same with a squeeze-and-excitation after the depthwise convolution's relu.

    Global pooling, a 1 x 1 convolution to a quarter of the input channels of the sub-layer (not of the expanded width),
    relu, a 1 x 1 convolution back, hard sigmoid, times the input; with biases, without batch norms. It belongs to the block,
    whether or not the network is built with ``use_se``.
    """

    squeezes = True


@lru_cache(SHARED_UNITS)
def mb_layer(arrives: int, leaves: int, expansion: int, kernel_size: int, stride: int, squeezes: bool) -> Residual:
    """Return one inverted bottleneck.

    Args:
        arrives: channels in.
        leaves: channels out.
        expansion: factor from the channels in to the inner width.
        kernel_size: kernel of the depthwise convolution.
        stride: stride of the depthwise convolution.
        squeezes: whether a squeeze-and-excitation follows it.
    """
    inner = arrives if expansion == 1 else round_to_8(arrives * expansion)
    gate = squeezed_channels(arrives) if squeezes else 0
    body: tuple[Conv, ...] = (
        shared_conv(inner, inner, kernel_size, stride, groups=inner, gate_channels=gate),
        shared_conv(inner, leaves, 1, relu=False),
    )
    if expansion != 1:
        body = (shared_conv(arrives, inner, 1), *body)
    return Residual(body, relu=False, shortcut=stride == 1 and arrives == leaves)
