"""Residual blocks of GENet, https://arxiv.org/abs/2006.14090, as its structure files write them."""

import math

from zen_lightning.arch.block import SuperBlock
from zen_lightning.arch.primitives import Conv, Residual, shared_conv


class GenetBlock(SuperBlock):
    """``SuperResKXKX(in,out,kernel,stride,expansion,sub_layers)`` and its kin: one residual unit a sub-layer.

    The inner width is the out channels times the expansion, rounded. The convolutions are k x k twice (``KXKX``), 1 x 1 and
    k x k (``K1KX``), 1 x 1, k x k, 1 x 1 (``K1KXK1``), the same with a depthwise one in the middle (``K1DWK1``), or 1 x 1 and
    depthwise (``K1DW``, without expansion). The stride is that of the first k x k. Where stride or width change the shortcut
    is a 1 x 1 convolution without bias and a batch norm. A relu follows each addition.

    Args:
        name: one of :data:`~zen_lightning.arch.plain.names.GENET`.
        integers: in channels, out channels, kernel, stride, sub-layers.
        expansion: as written.
    """

    def __init__(self, name: str, integers: tuple[int, int, int, int, int], expansion: str) -> None:
        self.name = name  # type: ignore[misc]
        self.kernel_size = integers[2]
        self.expansion_text = expansion
        super().__init__((integers[0], integers[1], integers[3], integers[4]))

    @property
    def kind(self) -> str:
        """What the field calls it."""
        return "inverted" if "DW" in self.name else "bottleneck" if self.name == "SuperResK1KXK1" else "residual"

    @property
    def bottleneck_channels(self) -> int:
        """The inner width."""
        return round(self.out_channels * float(self.expansion_text))

    @property
    def text(self) -> str:
        """The block as written."""
        head = (self.in_channels, self.out_channels, self.kernel_size, self.stride)
        return f"{self.name}({','.join(map(str, head))},{self.expansion_text},{self.sub_layers})"

    def expand(self) -> tuple[Residual, ...]:
        """Return one unit a sub-layer; stride and input width belong to the first."""
        first = self._unit(self.in_channels, self.stride)
        return (first, *(self._unit(self.out_channels, 1),) * (self.sub_layers - 1))

    def _unit(self, arrives: int, stride: int) -> Residual:
        middle, leaves, k = self.bottleneck_channels, self.out_channels, self.kernel_size
        depthwise = middle if "DW" in self.name else 1
        body: tuple[Conv, ...]
        if self.name == "SuperResKXKX":
            body = (shared_conv(arrives, middle, k, stride), shared_conv(middle, leaves, k, relu=False))
        elif self.name in ("SuperResK1KX", "SuperResK1DW"):
            last = shared_conv(middle, leaves, k, stride, groups=depthwise, relu=False)
            body = (shared_conv(arrives, middle, 1), last)
        else:
            second = shared_conv(middle, middle, k, stride, groups=depthwise)
            body = (shared_conv(arrives, middle, 1), second, shared_conv(middle, leaves, 1, relu=False))
        if stride == 1 and arrives == leaves:
            return Residual(body)
        return Residual(body, shared_conv(arrives, leaves, 1, stride, relu=False))

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, GenetBlock) and self.text == other.text

    def __reduce__(self) -> tuple[type["GenetBlock"], tuple[str, tuple[int, ...], str]]:  # type: ignore[override]
        integers = (self.in_channels, self.out_channels, self.kernel_size, self.stride, self.sub_layers)
        return GenetBlock, (self.name, integers, self.expansion_text)


def is_expansion(text: str) -> bool:
    """Whether a text is a positive number without sign or exponent, as the expansion of a GENet block is.

    Example:
        >>> is_expansion("0.25"), is_expansion("1e3"), is_expansion("0.0")
        (True, False, False)
    """
    whole, _, fraction = text.partition(".")
    digits = whole + fraction
    return digits.isascii() and digits.isdigit() and whole != "" and 0 < float(text) < math.inf
