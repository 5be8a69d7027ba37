"""The layers among the primitive blocks."""

import math

from zen_lightning.arch.liveness import Step
from zen_lightning.arch.plain.node import Form, Node, UnchainedError, elements
from zen_lightning.arch.primitives import output_size, squeezed_channels
from zen_lightning.errors import UserError


class Windowed(Node):
    """A layer with a window: padding ``(kernel_size - 1) // 2``, one stride along both axes."""

    def __init__(self, text: str, in_channels: int, out_channels: int, kernel_size: int, stride: int) -> None:
        super().__init__(text, in_channels, out_channels)
        self.kernel_size = kernel_size
        self._stride = stride

    @property
    def stride(self) -> int:
        """By how much it divides the resolution."""
        return self._stride

    def output_size(self, size: int) -> int:
        """Return the output's height and width.

        Raises:
            UserError: the window does not fit into the map.
        """
        leaves = output_size(size, self.kernel_size, self._stride)
        if leaves < 1:
            what = f"{self.text} leaves nothing of a feature map of {size} x {size}"
            raise UserError(what, key="resolution", remedy="raise {resolution}")
        return leaves

    def add_steps(self, steps: list[Step], size: int, source: int, use_se: bool = False) -> int:
        """Add its one step."""
        steps.append(Step((source,), elements(self, size)))
        return len(steps)


class ConvLayer(Windowed):
    """``ConvKX``, ``ConvKXG..`` and ``ConvDW``: a convolution alone, without bias.

    Args:
        text: as written.
        in_channels: channels in.
        out_channels: channels out.
        kernel_size: any positive integer.
        stride: along both axes.
        groups: the channels, for a depthwise convolution.
    """

    def __init__(self, text: str, in_channels: int, out_channels: int, kernel_size: int, stride: int, groups: int = 1) -> None:
        super().__init__(text, in_channels, out_channels, kernel_size, stride)
        self.groups = groups
        self.layers = 1
        self._weights = out_channels * (in_channels // groups) * kernel_size**2

    def num_params(self, use_se: bool = False) -> int:
        """Return the weights."""
        return self._weights

    def flops(self, size: int, use_se: bool = False) -> int:
        """Return the multiply-adds."""
        return int(self._weights * self.output_size(size) ** 2)

    def conv_outputs(self, size: int) -> list[int]:
        """Return the elements of its output."""
        return [elements(self, size)]


class MaxPool(Windowed):
    """``MaxPool``: the largest value of each window."""


class Pointwise(Node):
    """A layer that makes each value of the one at its place: ``BN``, ``RELU``, ``Swish``."""

    reads_rows = True

    def after(self, form: Form) -> Form:
        """Return the form that arrives, of as many channels."""
        if form.is_row and form.size is None:
            raise UnchainedError(self, f"{self.text} follows a Flatten of an unknown size", "a Linear")
        return super().after(form)

    def output_size(self, size: int) -> int:
        """Return the size as it is."""
        return size

    def add_steps(self, steps: list[Step], size: int, source: int, use_se: bool = False) -> int:
        """Add its one step, which takes the place of what it reads where nothing else does."""
        steps.append(Step((source,), self.out_channels * size**2, pointwise=True))
        return len(steps)


class BatchNorm(Pointwise):
    """``BN``: scale and shift of each channel."""

    def num_params(self, use_se: bool = False) -> int:
        """Return scales and shifts."""
        return 2 * self.out_channels


class Relu(Pointwise):
    """``RELU``."""


class Swish(Pointwise):
    """``Swish``: x times sigmoid(x), https://arxiv.org/abs/1710.05941."""


class Squeeze(Node):
    """``SE``: squeeze-and-excitation with batch norms, as networks built with ``use_se`` have; here it is always built."""

    def num_params(self, use_se: bool = False) -> int:
        """Return the weights of both convolutions and their batch norms."""
        squeezed = squeezed_channels(self.out_channels)
        return 2 * self.out_channels * squeezed + 2 * squeezed + 2 * self.out_channels

    def flops(self, size: int, use_se: bool = False) -> int:
        """Return the multiply-adds of both convolutions, on one pixel."""
        return 2 * self.out_channels * squeezed_channels(self.out_channels)

    def output_size(self, size: int) -> int:
        """Return the size as it is."""
        return size

    def add_steps(self, steps: list[Step], size: int, source: int, use_se: bool = False) -> int:
        """Add pooling, both convolutions, and the product."""
        pooled = len(steps) + 1
        steps += [
            Step((source,), self.out_channels),
            Step((pooled,), squeezed_channels(self.out_channels)),
            Step((pooled + 1,), self.out_channels),
            Step((source, pooled + 2), self.out_channels * size**2, pointwise=True),
        ]
        return len(steps)


class AdaptiveAvgPool(Node):
    """``AdaptiveAvgPool``: means over a grid of ``size`` x ``size``."""

    def __init__(self, text: str, channels: int, size: int) -> None:
        super().__init__(text, channels, channels)
        self.size = size

    def output_size(self, size: int) -> int:
        """Return its own size, whatever arrives."""
        return self.size

    def _size_after(self, size: int | None) -> int | None:
        return self.size

    def add_steps(self, steps: list[Step], size: int, source: int, use_se: bool = False) -> int:
        """Add its one step."""
        steps.append(Step((source,), elements(self, size)))
        return len(steps)


class Flatten(Node):
    """``Flatten``: channels x height x width become a row of features, held as a map of one pixel.

    Args:
        text: as written.
        channels: of the map that arrives.
        side: height and width of that map; None until they are known.
    """

    reads_rows = True

    def __init__(self, text: str, channels: int, side: int | None = None) -> None:
        super().__init__(text, channels, channels if side is None else channels * side**2)
        self.side = side

    def of_side(self, side: int) -> "Flatten":
        """Return it for maps of a size."""
        return Flatten(self.text, self.in_channels, side)

    def of_features(self, features: int) -> "Flatten":
        """Return it for maps of as many elements, which the next block takes.

        Raises:
            UnchainedError: no square map of its channels has so many.
        """
        side = math.isqrt(features // self.in_channels)
        if not side or side**2 * self.in_channels != features:
            what = f"{self.text} makes no row of {features} features: that is not {self.in_channels} times a square"
            raise UnchainedError(self, what)
        return self.of_side(side)

    def after(self, form: Form) -> Form:
        """Return a row."""
        if form.is_row and form.channels == self.in_channels:
            return form
        super().after(form)
        return Form(self.out_channels, None if self.side is None else 1, is_row=True)

    def output_size(self, size: int) -> int:
        """Return 1.

        Raises:
            UserError: the map has not the size that the next block is made for.
        """
        if self.side is not None and size != self.side and not (size == 1 and self.out_channels == self.in_channels):
            made = f"{self.text} makes {self.out_channels} features of a map of {self.side} x {self.side}"
            what = f"{made}, but it is {size} x {size}"
            raise UserError(what, key="resolution", remedy="choose a {resolution} that leads to that size")
        return 1

    def _size_after(self, size: int | None) -> int | None:
        return 1

    def add_steps(self, steps: list[Step], size: int, source: int, use_se: bool = False) -> int:
        """Add nothing: the same values are read in another shape."""
        return source


class Linear(Node):
    """``Linear``: a matrix, and a bias unless told otherwise.

    Args:
        text: as written.
        in_channels: features in.
        out_channels: features out.
        bias: whether it has one.
    """

    reads_rows = True

    def __init__(self, text: str, in_channels: int, out_channels: int, bias: bool = True) -> None:
        super().__init__(text, in_channels, out_channels)
        self.bias = bias
        self.layers = 1

    def after(self, form: Form) -> Form:
        """Return a row."""
        if not form.is_row and form.size != 1:
            arrives = "a map of an unknown size" if form.size is None else f"a map of {form.size} x {form.size}"
            what = f"{self.text} reads a row of features, but {arrives} arrives"
            raise UnchainedError(self, what, f"AdaptiveAvgPool({form.channels},1) or Flatten({form.channels}) before it")
        return super().after(form)._replace(size=1, is_row=True)

    def output_size(self, size: int) -> int:
        """Return 1."""
        return 1

    def num_params(self, use_se: bool = False) -> int:
        """Return weights and biases."""
        return self.out_channels * (self.in_channels + self.bias)

    def flops(self, size: int, use_se: bool = False) -> int:
        """Return the multiply-adds."""
        return self.in_channels * self.out_channels

    def add_steps(self, steps: list[Step], size: int, source: int, use_se: bool = False) -> int:
        """Add its one step."""
        steps.append(Step((source,), self.out_channels))
        return len(steps)
