"""SNIP (https://arxiv.org/abs/1810.02340; as a proxy https://arxiv.org/abs/2101.08134)."""

from torch import nn

from zen_lightning.nets.layers import weighted_layers
from zen_lightning.proxy.gradients import cross_entropy, gradients
from zen_lightning.proxy.network_proxy import Draw, NetworkProxy


class Snip(NetworkProxy):
    """Sum over the weights of convolutions and linear layers of |w * g|, g the gradient of the cross-entropy, one batch."""

    name = "snip"

    def measure(self, network: nn.Module, draw: Draw) -> float:
        """Return the sum."""
        weights = [layer.weight for layer in weighted_layers(network)]
        found = gradients(cross_entropy(network, *draw.batch()), weights)
        return sum((weight.detach() * g).abs().double().sum().item() for weight, g in zip(weights, found, strict=True))
