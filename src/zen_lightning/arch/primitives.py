"""The few primitives that every super-block expands into.

Counting, scoring in closed form and building the PyTorch network all read these, and nothing else.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from zen_lightning.arch.errors import NoBackboneError

if TYPE_CHECKING:
    from zen_lightning.arch.liveness import Step


def output_size(size: int, kernel_size: int, stride: int) -> int:
    """Return the spatial size after a convolution padded by ``(kernel_size - 1) // 2``.

    Example:
        >>> output_size(225, kernel_size=3, stride=2)
        113
    """
    return (size + 2 * ((kernel_size - 1) // 2) - kernel_size) // stride + 1


def squeezed_channels(channels: int) -> int:
    """Return the width of the bottleneck of a squeeze-and-excitation over ``channels``.

    Example:
        >>> squeezed_channels(10)
        2
    """
    return max(1, round(channels / 4))  # A quarter, as in the original.


@dataclass(frozen=True, slots=True)
class Conv:
    """A convolution and its batch norm.

    Attributes:
        in_channels: channels in.
        out_channels: channels out.
        kernel_size: an odd number; the padding is ``(kernel_size - 1) // 2``.
        stride: stride along both axes.
        groups: ``in_channels`` for a depthwise convolution.
        bias: whether the convolution has a bias beside the batch norm's shift (projections do).
        relu: whether a relu follows the batch norm.
        squeeze_excite: whether a squeeze-and-excitation follows, in networks built with it.
        gate_channels: width of the squeeze-and-excitation that follows in any case (a block whose name ends in ``SE``), with
            biases and without batch norms; 0 for none.
        relu_first: whether a relu comes before the convolution (pre-activation).
        cache: results that counts, the closed form and other readers have computed for it, by keys of their own.
    """

    in_channels: int
    out_channels: int
    kernel_size: int
    stride: int = 1
    groups: int = 1
    bias: bool = False
    relu: bool = True
    squeeze_excite: bool = False
    gate_channels: int = 0
    relu_first: bool = False
    cache: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def backbone(self) -> tuple["Conv", ...]:
        """The convolutions of this unit in the vanilla twin: itself."""
        return (self,)

    @property
    def fan_in(self) -> int:
        """Input channels that one output channel reads."""
        return self.in_channels // self.groups

    def output_size(self, size: int) -> int:
        """Return the output's height (and width) for an input of ``size``."""
        return output_size(size, self.kernel_size, self.stride)

    def num_params(self, use_se: bool = False) -> int:
        """Return the trainable parameters: weights, bias, batch norm, its own gate, and the SE with ``use_se``."""
        weights = self.out_channels * self.fan_in * self.kernel_size**2
        total = weights + 2 * self.out_channels + (self.out_channels if self.bias else 0)
        if use_se and self.squeeze_excite:
            squeezed = squeezed_channels(self.out_channels)
            total += 2 * self.out_channels * squeezed + 2 * squeezed + 2 * self.out_channels
        if self.gate_channels:
            total += 2 * self.out_channels * self.gate_channels + self.gate_channels + self.out_channels
        return total

    def flops(self, size: int, use_se: bool = False) -> int:
        """Return the multiply-adds for one image whose feature map arrives at ``size``."""
        positions = self.output_size(size) ** 2
        total = positions * self.out_channels * self.fan_in * self.kernel_size**2
        if use_se and self.squeeze_excite:
            total += 2 * self.out_channels * squeezed_channels(self.out_channels)
        return total + 2 * self.out_channels * self.gate_channels


shared_conv = lru_cache(maxsize=50_000)(Conv)
"""Like :class:`Conv`, but equal arguments give the same object, with its cache. The size is a choice: it bounds the memory."""


@dataclass(frozen=True, slots=True)
class Residual:
    """A residual unit: convolutions in a row, plus a shortcut, then a relu. A linear bottleneck without a shortcut is one too.

    Attributes:
        body: the convolutions; the last has no relu of its own.
        projection: the convolution of the shortcut, or None for the identity.
        relu: whether a relu follows the addition; not with a linear bottleneck or pre-activation.
        shortcut: whether anything is added; a linear bottleneck that changes width or stride has no shortcut at all.
        backbone: the convolutions of this unit in the vanilla twin: its body, and the relu that followed the addition.
        cache: results that counts, the closed form and other readers have computed for it, by keys of their own.
    """

    body: tuple[Conv, ...]
    projection: Conv | None = None
    relu: bool = True
    shortcut: bool = True
    backbone: tuple[Conv, ...] = field(init=False, repr=False, compare=False)
    cache: dict[Any, Any] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Build the unit's part of the vanilla twin."""
        last = self.body[-1]
        backbone = (*self.body[:-1], _with_relu(last)) if self.relu and not last.relu else self.body
        object.__setattr__(self, "backbone", backbone)


def _with_relu(conv: Conv) -> Conv:
    """Return the convolution with a relu after it; not by ``replace``, which would copy the cache."""
    widths = conv.in_channels, conv.out_channels, conv.kernel_size, conv.stride, conv.groups
    return shared_conv(*widths, conv.bias, True, conv.squeeze_excite, conv.gate_channels, conv.relu_first)


class Part(ABC):
    """A unit that is neither: a layer or a group of layers that a structure string names by a primitive block.

    It can be counted and built, but has no place in formulas over rows of convolutions.

    Attributes:
        text: as written.
        in_channels: channels in.
        out_channels: channels out.
        layers: its convolutions and linear layers, those of shortcuts and of squeeze-and-excitations left out.
        cache: results that counts and other readers have computed for it, by keys of their own.
    """

    text: str
    in_channels: int
    out_channels: int
    layers: int
    cache: dict[Any, Any]

    @property
    def backbone(self) -> tuple[Conv, ...]:
        """Nothing: it is no row of convolutions.

        Raises:
            NoBackboneError: always.
        """
        raise NoBackboneError(f"{self.text} is not a row of convolution, batch norm and relu")

    @abstractmethod
    def output_size(self, size: int) -> int:
        """Return the output's height (and width) for an input of ``size``.

        Raises:
            UserError: nothing would be left, or the parts of this one do not fit together at this size.
        """

    @abstractmethod
    def num_params(self, use_se: bool = False) -> int:
        """Return the trainable parameters."""

    @abstractmethod
    def flops(self, size: int, use_se: bool = False) -> int:
        """Return the multiply-adds for one image whose feature map arrives at ``size``."""

    @abstractmethod
    def conv_outputs(self, size: int) -> list[int]:
        """Return the elements of the output of each convolution, those of shortcuts included, for an input of ``size``."""

    @abstractmethod
    def add_steps(self, steps: "list[Step]", size: int, source: int, use_se: bool = False) -> int:
        """Add the steps of a forward pass to those before it.

        Args:
            steps: extended in place; step n makes map n.
            size: height and width of what arrives.
            source: the map that it reads.
            use_se: whether the network is built with squeeze-and-excitation.

        Returns:
            the map that it makes.
        """


Unit = Conv | Residual | Part
"""A unit of a super-block."""
