"""Where feature maps may lie channels last."""

from dataclasses import replace

from torch import nn

from zen_lightning.training.machine import Machine

_NARROW, _SIDE = 16, 56
"""Channels and pixels for which the backward pass of a 1 x 1 convolution with a stride of 2 or more ends in a segmentation
fault on CPUs: seen with PyTorch 2.15 (oneDNN) for 8 channels in and 8 or 16 out, on maps of 56 pixels a side and larger."""


def with_safe_layout(machine: Machine, network: nn.Module, image_size: int) -> Machine:
    """Return the machine, without ``channels_last`` where PyTorch crashes with it.

    Args:
        machine: the hardware.
        network: that is trained on it.
        image_size: height and width of its images.

    Example:
        >>> narrow = nn.Sequential(nn.Conv2d(8, 16, 1, stride=2))
        >>> [with_safe_layout(Machine("cpu"), narrow, size).channels_last for size in (32, 64)]
        [True, False]
    """
    if not machine.channels_last or not machine.on_cpu or image_size < _SIDE:
        return machine
    crashes = any(
        isinstance(module, nn.Conv2d)
        and module.kernel_size == (1, 1)
        and max(module.stride) > 1
        and module.in_channels < _NARROW
        and module.out_channels <= _NARROW
        for module in network.modules()
    )
    return replace(machine, channels_last=False) if crashes else machine
