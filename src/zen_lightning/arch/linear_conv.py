"""``ConvK{k}BN``: convolutions in a row, without activation."""

from zen_lightning.arch.block import SuperBlock, super_block
from zen_lightning.arch.primitives import Conv, shared_conv


@super_block("ConvK{kernel_size}BN", kernel_size=(1, 3, 5, 7))
class LinearConv(SuperBlock):
    """Per sub-layer: convolution, batch norm. Used before a pre-activation, and to change only width and stride."""

    kernel_size: int

    def expand(self) -> tuple[Conv, ...]:
        """Return one convolution a sub-layer; the first has the stride."""
        first = shared_conv(self.in_channels, self.out_channels, self.kernel_size, self.stride, relu=False)
        later = shared_conv(self.out_channels, self.out_channels, self.kernel_size, relu=False)
        return (first, *(later for _ in range(self.sub_layers - 1)))
