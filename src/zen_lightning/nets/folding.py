"""Folding batch norms into the convolutions before them, for inference."""

import copy
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch.nn.utils.parametrize import is_parametrized

from zen_lightning.nets.cell_network import ActivatedConv
from zen_lightning.nets.layers import NORMS
from zen_lightning.nets.modules import ConvUnit, RawConv2d, SqueezeExcite

# Exactly these types: subclasses in other libraries standardise weights or apply an activation in the norm.
_CONVS = (nn.Conv2d, RawConv2d)
_NORMS = (nn.BatchNorm2d, nn.SyncBatchNorm)
_PAIRS: dict[type[nn.Module], tuple[tuple[str, str], ...]] = {
    ConvUnit: (("conv", "norm"),),
    SqueezeExcite: (("squeeze", "squeeze_norm"), ("excite", "excite_norm")),
    ActivatedConv: (("conv", "norm"),),
}


def fold_batch_norms(network: nn.Module) -> nn.Module:
    """Return a copy in eval mode whose batch norms are part of the convolutions before them.

    The copy computes the same as the network in eval mode, up to rounding, with one layer less for each norm: an identity takes
    its place, and the convolution has a bias. Norms are found in the units of networks of this project and in any
    ``nn.Sequential``; :func:`unfolded_norms` of the copy names the rest. A norm is kept if no convolution comes right before it
    (the last one of a cell's network), if it has no running statistics, or if its convolution is used more than once.

    Args:
        network: any module; it is not changed.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> from zen_lightning.nets.build import build_network
        >>> network = build_network(Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,1,8,1)"), num_classes=10)
        >>> len(unfolded_norms(network)), len(unfolded_norms(fold_batch_norms(network)))
        (4, 0)
    """
    folded = copy.deepcopy(network).eval()
    uses = Counter(module for _, module in folded.named_modules(remove_duplicate=False))
    for parent in list(folded.modules()):
        for conv_name, norm_name in _pairs(parent):
            conv, norm = getattr(parent, conv_name), getattr(parent, norm_name)
            if uses[conv] == uses[norm] == 1 and _can_fold(conv, norm):
                setattr(parent, conv_name, _folded(conv, norm))
                setattr(parent, norm_name, nn.Identity())
    return folded


def unfolded_norms(network: nn.Module) -> list[str]:
    """Return the names of the batch norms in a network, in the order of ``network.modules()``."""
    return [name for name, module in network.named_modules() if isinstance(module, NORMS)]


def _pairs(parent: nn.Module) -> Iterator[tuple[str, str]]:
    if type(parent) is nn.Sequential:
        yield from pairwise(parent._modules)
    else:
        yield from _PAIRS.get(type(parent), ())


def _can_fold(conv: nn.Module, norm: nn.Module) -> bool:
    if type(conv) not in _CONVS or type(norm) not in _NORMS or is_parametrized(conv) or is_parametrized(norm):
        return False
    return norm.running_mean is not None and norm.running_var is not None


@torch.no_grad()
def _folded(conv: nn.Conv2d, norm: nn.modules.batchnorm._BatchNorm) -> nn.Conv2d:
    dtype = conv.weight.dtype
    exact = torch.promote_types(dtype, torch.float32)  # In half precision the result would be rounded twice.
    return fuse_conv_bn_eval(conv.to(exact), norm.to(exact)).to(dtype)
