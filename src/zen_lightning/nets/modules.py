"""The modules of the primitives of the architecture language."""

import torch
from torch import Tensor, nn

from zen_lightning.arch.primitives import Conv, Residual, squeezed_channels

BATCH_NORM_EPS = 1e-3
"""As in the original, whose checkpoints give its logits only with it."""


class SqueezeExcite(nn.Module):
    """Squeeze-and-excitation with batch norms: a gate for each channel, computed from the means of all.

    Args:
        channels: channels in and out.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        squeezed = squeezed_channels(channels)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.squeeze = nn.Conv2d(channels, squeezed, 1, bias=False)
        self.squeeze_norm = nn.BatchNorm2d(squeezed, eps=BATCH_NORM_EPS)
        self.relu = nn.ReLU(inplace=True)
        self.excite = nn.Conv2d(squeezed, channels, 1, bias=False)
        self.excite_norm = nn.BatchNorm2d(channels, eps=BATCH_NORM_EPS)
        self.gate = nn.Sigmoid()

    def forward(self, x_bchw: Tensor) -> Tensor:
        """Return the input with each channel scaled by its gate."""
        gate_bc11 = self.relu(self.squeeze_norm(self.squeeze(self.pool(x_bchw))))
        out: Tensor = x_bchw * self.gate(self.excite_norm(self.excite(gate_bc11)))
        return out


class Gate(nn.Module):
    """Squeeze-and-excitation without batch norms, as in mobile networks (https://arxiv.org/abs/1905.02244).

    Args:
        channels: channels in and out.
        squeezed: channels of the bottleneck.
        initialise: whether the weights get PyTorch's initialisation.
    """

    def __init__(self, channels: int, squeezed: int, initialise: bool = True) -> None:
        super().__init__()
        conv2d = nn.Conv2d if initialise else RawConv2d
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.squeeze = conv2d(channels, squeezed, 1)
        self.relu = nn.ReLU(inplace=True)
        self.excite = conv2d(squeezed, channels, 1)
        self.gate = nn.Hardsigmoid()

    def forward(self, x_bchw: Tensor) -> Tensor:
        """Return the input with each channel scaled by its gate."""
        out: Tensor = x_bchw * self.gate(self.excite(self.relu(self.squeeze(self.pool(x_bchw)))))
        return out


class RawConv2d(nn.Conv2d):
    """A convolution with uninitialised weights, for networks whose weights are set right afterwards."""

    def reset_parameters(self) -> None:
        """Do nothing."""


class RawLinear(nn.Linear):
    """A linear layer with uninitialised weights."""

    def reset_parameters(self) -> None:
        """Do nothing."""


class ConvUnit(nn.Module):
    """Convolution and batch norm; also a relu before, a relu after, and a squeeze-and-excitation where the primitive has them.

    Args:
        conv: the primitive.
        use_se: whether to build the optional squeeze-and-excitation.
        initialise: whether the weights of the convolution get PyTorch's initialisation.
        gated: whether to build the squeeze-and-excitation that belongs to the primitive; the vanilla twin has none.
    """

    def __init__(self, conv: Conv, use_se: bool = False, initialise: bool = True, gated: bool = True) -> None:
        super().__init__()
        if conv.relu_first:
            # Not in place: the shortcut of a residual unit reads the same input.
            self.relu_first = nn.ReLU()
        self.conv = (nn.Conv2d if initialise else RawConv2d)(
            conv.in_channels,
            conv.out_channels,
            conv.kernel_size,
            stride=conv.stride,
            padding=(conv.kernel_size - 1) // 2,
            groups=conv.groups,
            bias=conv.bias,
        )
        self.norm = nn.BatchNorm2d(conv.out_channels, eps=BATCH_NORM_EPS)
        self.relu = nn.ReLU(inplace=True) if conv.relu else nn.Identity()
        self.se = _squeeze_excite(conv, use_se, initialise, gated)
        self._relu_first = conv.relu_first

    def forward(self, x_bchw: Tensor) -> Tensor:
        """Return the feature map of this convolution."""
        if self._relu_first:
            x_bchw = self.relu_first(x_bchw)
        out: Tensor = self.se(self.relu(self.norm(self.conv(x_bchw))))
        return out


def _squeeze_excite(conv: Conv, use_se: bool, initialise: bool, gated: bool) -> nn.Module:
    if gated and conv.gate_channels:
        return Gate(conv.out_channels, conv.gate_channels, initialise)
    return SqueezeExcite(conv.out_channels) if use_se and conv.squeeze_excite else nn.Identity()


class ResidualUnit(nn.Module):
    """Convolutions in a row, plus the shortcut, then relu, each where the primitive has it.

    Args:
        unit: the primitive.
        use_se: whether to build squeeze-and-excitation.
        initialise: whether the weights of the convolutions get PyTorch's initialisation.
    """

    def __init__(self, unit: Residual, use_se: bool = False, initialise: bool = True) -> None:
        super().__init__()
        self.body = nn.Sequential(*(ConvUnit(conv, use_se, initialise=initialise) for conv in unit.body))
        self.shortcut: nn.Module | None = None
        if unit.shortcut:
            self.shortcut = nn.Identity() if unit.projection is None else ConvUnit(unit.projection, initialise=initialise)
        self.relu = nn.ReLU(inplace=True) if unit.relu else nn.Identity()

    def forward(self, x_bchw: Tensor) -> Tensor:
        """Return the feature map of this unit."""
        out: Tensor = self.body(x_bchw)
        if self.shortcut is not None:
            out = out + self.shortcut(x_bchw)
        out = self.relu(out)
        return out


class Classifier(nn.Module):
    """Global average pool and a linear layer.

    Args:
        channels: channels of the last feature map.
        num_classes: number of logits.
        initialise: whether the weights get PyTorch's initialisation.
    """

    def __init__(self, channels: int, num_classes: int, initialise: bool = True) -> None:
        super().__init__()
        self.pool: nn.Module = nn.AdaptiveAvgPool2d(1)
        self.linear = (nn.Linear if initialise else RawLinear)(channels, num_classes)

    def forward(self, x_bchw: Tensor) -> Tensor:
        """Return the logits, shape (batch, classes)."""
        out: Tensor = self.linear(torch.flatten(self.pool(x_bchw), 1))
        return out
