"""Where feature maps may lie channels last."""

from dataclasses import replace

from torch import nn

from zen_lightning.training.machine import Machine

_NARROW = 16
"""Channels in, of each group, from which on the gradient of a 1 x 1 convolution with a stride is safe on CPUs. With fewer,
oneDNN writes beyond its memory (https://github.com/uxlfoundation/oneDNN/issues/6035): fewer than 8 with AVX2, fewer than 16
with AVX-512. Training crashes then, hangs or goes on with wrong weights; seen with PyTorch 2.15 from 8 pixels on."""


def with_safe_layout(machine: Machine, network: nn.Module) -> Machine:
    """Return the machine, without ``channels_last`` where PyTorch has no right gradients with it.

    Args:
        machine: the hardware.
        network: that is trained on it.

    Example:
        >>> [with_safe_layout(Machine("cpu"), nn.Conv2d(width, 32, 1, stride=2)).channels_last for width in (8, 16)]
        [False, True]
    """
    if not machine.channels_last or not machine.on_cpu:
        return machine
    is_unsafe = any(
        isinstance(module, nn.Conv2d)
        and module.kernel_size == (1, 1)
        and max(module.stride) > 1
        and module.in_channels // module.groups < _NARROW
        for module in network.modules()
    )
    return replace(machine, channels_last=False) if is_unsafe else machine
