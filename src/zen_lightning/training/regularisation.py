"""Dropout and stochastic depth, hung on a network for its training alone: neither its weights nor its exports know of them."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from zen_lightning.nets.modules import ResidualUnit
from zen_lightning.nets.staged import StagedNetwork


def add_dropout(network: StagedNetwork, share: float) -> None:
    """Let the classifier drop a share of its inputs, in training mode (https://jmlr.org/papers/v15/srivastava14a.html).

    Args:
        network: the network in training.
        share: of the inputs; 0 adds nothing.
    """
    if share:
        network.classifier.linear.register_forward_pre_hook(_Dropout(share))


def add_drop_path(network: StagedNetwork, share: float) -> None:
    """Let residual units leave out their body for a share of the images, in training mode.

    Unit l of L leaves it out with probability ``share * l / L``; what stays is divided by one minus that
    (G. Huang et al., 2016, https://arxiv.org/abs/1603.09382, section 3).

    Args:
        network: the network in training.
        share: that of the last unit; 0 adds nothing.
    """
    if not share:
        return
    units = [module for module in network.modules() if isinstance(module, ResidualUnit) and module.shortcut is not None]
    for number, unit in enumerate(units, start=1):
        unit.body.register_forward_hook(_DropPath(share * number / len(units)))


class _Dropout:
    def __init__(self, share: float) -> None:
        self.share = share

    def __call__(self, module: nn.Module, inputs: tuple[Tensor, ...]) -> Tensor:
        return functional.dropout(inputs[0], self.share, module.training)


class _DropPath:
    def __init__(self, share: float) -> None:
        self.share = share

    def __call__(self, module: nn.Module, inputs: Any, out_bchw: Tensor) -> Tensor:
        if not module.training:
            return out_bchw
        kept = torch.empty(len(out_bchw), 1, 1, 1, dtype=out_bchw.dtype, device=out_bchw.device).bernoulli_(1 - self.share)
        return out_bchw * kept.div_(1 - self.share)
