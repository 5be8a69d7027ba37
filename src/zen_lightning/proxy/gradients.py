"""Losses and gradients as the gradient proxies need them."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional


def cross_entropy(network: nn.Module, images: Tensor, labels: Tensor) -> Tensor:
    """Return the mean cross-entropy of a batch, a scalar."""
    return functional.cross_entropy(network(images), labels)


def gradients(output: Tensor, inputs: Sequence[Tensor], create_graph: bool = False) -> list[Tensor]:
    """Return the gradient for each input, zeros for one that the output does not depend on (in a cut cell).

    Args:
        output: a scalar.
        inputs: parameters or feature maps.
        create_graph: whether to differentiate the gradients again.
    """
    found = torch.autograd.grad(output, list(inputs), create_graph=create_graph, allow_unused=True)
    return [torch.zeros_like(one) if gradient is None else gradient for one, gradient in zip(inputs, found, strict=True)]
