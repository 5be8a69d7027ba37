"""``PreResK{k}K{k}``: residual units with pre-activation, as in https://arxiv.org/abs/1603.05027."""

from functools import lru_cache

from zen_lightning.arch.block import SuperBlock, super_block
from zen_lightning.arch.primitives import Residual, shared_conv
from zen_lightning.arch.super_res import SHARED_UNITS


@super_block("PreResK{kernel_size}K{kernel_size}", kernel_size=(3, 5, 7))
class PreRes(SuperBlock):
    """Per sub-layer one residual unit: relu, k x k convolution, batch norm, and the same again, plus the shortcut.

    Nothing follows the addition. The shortcut is the identity, or, where stride or width change, a 1 x 1 convolution without
    bias and a batch norm, which reads the input without a relu.
    """

    kernel_size: int

    def expand(self) -> tuple[Residual, ...]:
        """Return one unit a sub-layer; stride and input width belong to the first."""
        first = _unit(self.in_channels, self.out_channels, self.kernel_size, self.stride)
        if self.sub_layers == 1:
            return (first,)
        return first, *(_unit(self.out_channels, self.out_channels, self.kernel_size, 1),) * (self.sub_layers - 1)


@lru_cache(SHARED_UNITS)
def _unit(arrives: int, leaves: int, kernel_size: int, stride: int) -> Residual:
    body = (
        shared_conv(arrives, leaves, kernel_size, stride, relu=False, relu_first=True),
        shared_conv(leaves, leaves, kernel_size, relu=False, relu_first=True),
    )
    if stride == 1 and arrives == leaves:
        return Residual(body, relu=False)
    return Residual(body, shared_conv(arrives, leaves, 1, stride, relu=False), relu=False)
