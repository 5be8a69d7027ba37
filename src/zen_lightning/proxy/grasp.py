"""GraSP (https://arxiv.org/abs/2002.07376; as a proxy https://arxiv.org/abs/2101.08134)."""

import torch
from torch import nn

from zen_lightning.nets.layers import weighted_layers
from zen_lightning.proxy.gradients import cross_entropy, gradients
from zen_lightning.proxy.network_proxy import Draw, NetworkProxy


class Grasp(NetworkProxy):
    """Minus the sum over the weights of convolutions and linear layers of w * (H g).

    g is the gradient of the cross-entropy and H its Hessian: how much of the gradient's norm would be lost without the weight.
    """

    name = "grasp"

    def measure(self, network: nn.Module, draw: Draw) -> float:
        """Return the sum."""
        weights = [layer.weight for layer in weighted_layers(network)]
        first = gradients(cross_entropy(network, *draw.batch()), weights, create_graph=True)
        # H g is the gradient of g'g with one g held fixed.
        product = torch.stack([(g.detach() * g).sum() for g in first]).sum()
        second = gradients(product, weights)
        return -sum((weight.detach() * hg).double().sum().item() for weight, hg in zip(weights, second, strict=True))
