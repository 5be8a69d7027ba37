"""The initial weights of a training."""

import torch
from torch import nn

from zen_lightning.nets.layers import NORMS
from zen_lightning.nets.modules import ConvUnit, ResidualUnit

GAIN = 3.26033
"""The gain of the Zen-NAS recipe for Glorot's rule."""


@torch.no_grad()
def initialise(network: nn.Module, seed: int, zero_last_norm: bool = True) -> None:
    """Draw the weights as Zen-NAS does, in place.

    Convolutions and linear layers are drawn N(0, (3.26033 sqrt(2 / (fan in + fan out)))^2), Glorot's rule
    (https://proceedings.mlr.press/v9/glorot10a.html) with a gain, PyTorch's fans; biases are 0, batch norms 1 and 0. The last
    batch norm of every residual unit starts at scale 0: the unit starts as its shortcut (https://arxiv.org/abs/1706.02677).

    Args:
        network: on the CPU.
        seed: seed of the random numbers, which are the same on every machine.
        zero_last_norm: whether the last batch norms of residual units start at scale 0.
    """
    generator = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.modules.conv._ConvNd | nn.Linear):
            nn.init.xavier_normal_(module.weight, gain=GAIN, generator=generator)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        elif isinstance(module, NORMS):
            module.reset_running_stats()
            if module.affine:
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
    if not zero_last_norm:
        return
    for module in network.modules():
        if isinstance(module, ResidualUnit) and module.shortcut is not None:  # Without a shortcut, the unit would output 0.
            last = module.body[-1]
            assert isinstance(last, ConvUnit)
            nn.init.zeros_(last.norm.weight)
