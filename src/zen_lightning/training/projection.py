"""From the channels of a student's feature map to those of its teacher's."""

import torch
from torch import Tensor, nn

_SCALE = 1e-4
"""Of the Zen-NAS recipe."""


class Projection(nn.Module):
    """A 1x1 convolution with bias; float32 under autocast too, as its weights begin too small for float16.

    Its weights begin as N(0, 1) / sqrt(k * k * in_channels) * 1e-4 with k = 1, its bias as 0.

    Args:
        in_channels: channels of the student's feature map.
        out_channels: channels of the teacher's.
        norm: whether a batch norm follows.
        relu: whether a relu follows, after the batch norm where there is one.
        generator: source of the weights; None: torch's own.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        norm: bool = False,
        relu: bool = False,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size=1)
        with torch.no_grad():
            self.conv.weight.normal_(generator=generator).mul_(_SCALE * in_channels**-0.5)
            self.conv.bias.zero_()  # type: ignore[union-attr]
        self.norm = nn.BatchNorm2d(out_channels) if norm else nn.Identity()
        self.relu = nn.ReLU() if relu else nn.Identity()

    def forward(self, feature_bchw: Tensor) -> Tensor:
        """Return the feature map with the teacher's channels."""
        with torch.autocast(feature_bchw.device.type, enabled=False):
            out_bchw: Tensor = self.relu(self.norm(self.conv(feature_bchw.to(self.conv.weight.dtype))))
        return out_bchw
