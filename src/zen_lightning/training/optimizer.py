"""The optimiser, which parameters decay, and which move at what rate."""

import inspect
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from importlib import import_module
from typing import Any

import torch
from torch import nn

from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.nets.layers import NORMS, WEIGHTED
from zen_lightning.nets.staged import StagedNetwork
from zen_lightning.training.recipe import NO_DECAY, Recipe

_CLASSES = {
    "sgd": "torch.optim.SGD",
    "adamw": "torch.optim.AdamW",
    "lamb": "timm.optim.Lamb",
    "lion": "timm.optim.Lion",
    "muon": "timm.optim.Muon",
}
"""AdamW: https://arxiv.org/abs/1711.05101. LAMB: https://arxiv.org/abs/1904.00962. Lion: https://arxiv.org/abs/2302.06675.
Muon: https://kellerjordan.github.io/posts/muon/, by timm, which flattens the kernels of convolutions, and moves what is no
matrix by AdamW."""

_WITH_MOMENTUM = ("sgd", "muon")

LR_SCALE = "lr_scale"
"""Key of a parameter group: factor of the schedule's rate. The name is that of timm."""


def parameter_groups(
    modules: Sequence[nn.Module],
    weight_decay: float,
    no_decay: Sequence[str] = NO_DECAY,
    layer_decay: float | None = None,
    backbone: float = 1.0,
) -> list[dict[str, object]]:
    """Return groups for an optimiser: what decays and what does not, for each rate.

    Without rates of their own for layers there are two groups: by default, the weights of convolutions and linear layers, which
    decay, and all else, which does not.

    Args:
        modules: modules whose trainable parameters are grouped; a shared parameter is in one group, once.
        weight_decay: weight decay of what decays.
        no_decay: what does not; see :class:`~zen_lightning.training.recipe.Recipe`.
        layer_decay: factor of the rate from each super-block to the one before it.
        backbone: factor of the rate of all but the classifier of a network.
    """
    decayed: dict[int, tuple[nn.Parameter, float]] = {}
    plain: dict[int, tuple[nn.Parameter, float]] = {}
    for module in modules:
        for part, name, key, parameter in _parameters(module):
            if parameter.requires_grad:
                scale = _rate(module, name, layer_decay, backbone)
                decays = _decays(part, key, name, no_decay)
                (decayed if decays else plain)[id(parameter)] = (parameter, scale)
    plain = {key: value for key, value in plain.items() if key not in decayed}
    scales = sorted({scale for _, scale in (*decayed.values(), *plain.values())}) or [1.0]
    groups: list[dict[str, object]] = []
    for scale in scales:
        for found, decay in ((decayed, weight_decay), (plain, 0.0)):
            group: dict[str, object] = {
                "params": [parameter for parameter, own in found.values() if own == scale],
                "weight_decay": decay,
            }
            if scales != [1.0]:
                group[LR_SCALE] = scale
            groups.append(group)
    return groups if scales == [1.0] else [group for group in groups if group["params"]]


def make_optimizer(modules: Sequence[nn.Module], recipe: Recipe, lr: float, fused: bool = False) -> torch.optim.Optimizer:
    """Return the optimiser of a recipe.

    Args:
        modules: the modules to train.
        recipe: the optimiser and its numbers.
        lr: initial learning rate; the schedule sets it at every step.
        fused: whether one kernel does the whole step, on a GPU, where the optimiser has one.

    Raises:
        MissingExtraError: it is one of timm, which is not installed.
        UserError: there is no such optimiser, or it does not take an argument that the recipe has for it.
    """
    backbone = 1.0 if recipe.backbone_lr is None or recipe.lr == 0 else recipe.backbone_lr / recipe.lr
    groups = parameter_groups(modules, recipe.weight_decay, recipe.no_decay, recipe.layer_decay, backbone)
    kind = optimizer_class(recipe)
    parameters = inspect.signature(kind).parameters
    arguments: dict[str, Any] = {"lr": lr}
    if not isinstance(recipe.optimizer, str):
        arguments |= {str(key): value for key, value in recipe.optimizer.items() if key != "_target_"}
    elif recipe.optimizer in _WITH_MOMENTUM:
        arguments |= {"momentum": recipe.momentum, "nesterov": recipe.nesterov}
    for key in ("betas", "eps"):
        value = getattr(recipe, key)
        if value is not None:
            arguments[key] = value
    for key in arguments:
        if key not in parameters and not any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
            known = ", ".join(name for name in parameters if name not in ("params", "lr", "weight_decay", "self"))
            remedy = f"leave it out; it takes {known}"
            what = f"{kind.__name__} has no {key}"
            if isinstance(recipe.optimizer, str) or key in ("betas", "eps"):
                raise UserError(what, key=key, value=_shown(arguments[key]), remedy=remedy)
            raise UserError(what, key="optimizer", value=recipe.optimizer_name, remedy=remedy)
    if "fused" in parameters:
        arguments["fused"] = fused or None
    arguments = {key: _plain(value) for key, value in arguments.items()}
    try:
        return kind(groups, **arguments)
    except (TypeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise UserError(
            f"{kind.__name__} refuses its arguments ({reason})", key="optimizer", value=recipe.optimizer_name
        ) from error


def sgd(modules: Sequence[nn.Module], recipe: Recipe, lr: float, fused: bool = False) -> torch.optim.Optimizer:
    """Return the optimiser of a recipe whose optimiser is SGD; see :func:`make_optimizer`."""
    return make_optimizer(modules, recipe, lr, fused)


def has_fused(recipe: Recipe) -> bool:
    """Return whether the optimiser of a recipe has one kernel for the whole step."""
    return "fused" in inspect.signature(optimizer_class(recipe)).parameters


def optimizer_class(recipe: Recipe) -> type[torch.optim.Optimizer]:
    """Return the class of a recipe's optimiser; errors as for :func:`make_optimizer`."""
    name = _CLASSES[recipe.optimizer] if isinstance(recipe.optimizer, str) else str(recipe.optimizer["_target_"])
    module, _, attribute = name.rpartition(".")
    try:
        kind = getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        if module.startswith("timm"):
            raise MissingExtraError("timm", "timm", f"the optimiser {recipe.optimizer_name}") from error
        raise UserError(f"cannot be imported ({error})", key="optimizer", value=name) from error
    except (AttributeError, ValueError) as error:
        if isinstance(recipe.optimizer, str):
            what = f"the installed {module.partition('.')[0]} has none"
            raise UserError(what, key="optimizer", value=recipe.optimizer, remedy="update it") from error
        raise UserError("there is no such class", key="optimizer", value=name, remedy=f"{error}") from error
    if not isinstance(kind, type) or not issubclass(kind, torch.optim.Optimizer):
        raise UserError(
            "it is no optimiser", key="optimizer", value=name, expected="a class derived from torch.optim.Optimizer"
        )
    return kind


def _parameters(module: nn.Module) -> Iterator[tuple[nn.Module, str, str, nn.Parameter]]:
    """Yield the module that has a parameter, its name from the top, its own name, and the parameter."""
    for prefix, part in module.named_modules():
        for key, parameter in part.named_parameters(recurse=False):
            yield part, f"{prefix}.{key}" if prefix else key, key, parameter


def _decays(part: nn.Module, key: str, name: str, no_decay: Sequence[str]) -> bool:
    if any(fnmatchcase(name, rule) for rule in no_decay if rule not in NO_DECAY):
        return False
    if isinstance(part, WEIGHTED) and key == "weight":
        return True
    return not ("norm" in no_decay if isinstance(part, NORMS) else "bias" in no_decay)


def _rate(module: nn.Module, name: str, layer_decay: float | None, backbone: float) -> float:
    """Return the factor of the rate of a parameter of a network; 1 for other modules."""
    if not isinstance(module, StagedNetwork) or name.startswith("classifier."):
        return 1.0
    if layer_decay is None:
        return backbone
    blocks = len(module.blocks)
    at = int(name.split(".")[1]) if name.startswith("blocks.") else blocks
    return float(backbone * layer_decay ** (blocks - at))


def _shown(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
