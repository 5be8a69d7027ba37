"""The optimiser, and which parameters decay."""

from collections.abc import Sequence

import torch
from torch import nn

from zen_lightning.nets.layers import WEIGHTED
from zen_lightning.training.recipe import Recipe


def parameter_groups(modules: Sequence[nn.Module], weight_decay: float) -> list[dict[str, object]]:
    """Return two groups for an optimiser: weights of convolutions and linear layers, which decay, and all else, which does not.

    Args:
        modules: modules whose trainable parameters are grouped; a shared parameter is in one group, once.
        weight_decay: weight decay of the first group.
    """
    decayed: dict[int, nn.Parameter] = {}
    plain: dict[int, nn.Parameter] = {}
    for module in modules:
        for part in module.modules():
            for name, parameter in part.named_parameters(recurse=False):
                if parameter.requires_grad:
                    is_weight = isinstance(part, WEIGHTED) and name == "weight"
                    (decayed if is_weight else plain)[id(parameter)] = parameter
    undecayed = [parameter for key, parameter in plain.items() if key not in decayed]
    return [
        {"params": list(decayed.values()), "weight_decay": weight_decay},
        {"params": undecayed, "weight_decay": 0.0},
    ]


def sgd(modules: Sequence[nn.Module], recipe: Recipe, lr: float, fused: bool = False) -> torch.optim.SGD:
    """Return the optimiser of a recipe.

    Args:
        modules: the modules to train.
        recipe: momentum, Nesterov, weight decay.
        lr: initial learning rate; the schedule sets it at every step.
        fused: whether one kernel does the whole step, on a GPU.
    """
    groups = parameter_groups(modules, recipe.weight_decay)
    return torch.optim.SGD(groups, lr=lr, momentum=recipe.momentum, nesterov=recipe.nesterov, fused=fused or None)
