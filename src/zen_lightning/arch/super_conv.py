"""``SuperConvK{k}BNRELU``: convolutions in a row."""

from zen_lightning.arch.block import SuperBlock, super_block
from zen_lightning.arch.primitives import Conv, shared_conv


@super_block("SuperConvK{kernel_size}BNRELU", kernel_size=(1, 3, 5, 7))
class SuperConv(SuperBlock):
    """Per sub-layer: convolution, batch norm, relu."""

    kernel_size: int

    def unpack(self, args: tuple[int, ...]) -> None:
        """Set an attribute for each argument."""
        self.in_channels, self.out_channels, self.stride, self.sub_layers = args

    def expand(self) -> tuple[Conv, ...]:
        """Return one convolution a sub-layer; the first has the stride."""
        first = shared_conv(self.in_channels, self.out_channels, self.kernel_size, self.stride)
        later = shared_conv(self.out_channels, self.out_channels, self.kernel_size)
        return (first, *(later for _ in range(self.sub_layers - 1)))
