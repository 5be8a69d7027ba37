"""Gradient norm (https://arxiv.org/abs/2101.08134, Section 3)."""

from torch import nn

from zen_lightning.nets.layers import weighted_layers
from zen_lightning.proxy.gradients import cross_entropy, gradients
from zen_lightning.proxy.network_proxy import Draw, NetworkProxy


class GradNorm(NetworkProxy):
    """Sum over convolutions and linear layers of the L2 norm of the gradient of the cross-entropy, one batch.

    ``released``: the norm of the gradient of all parameters together, weights N(0,1).
    """

    name = "grad_norm"
    variants = ("paper", "released")

    def measure(self, network: nn.Module, draw: Draw) -> float:
        """Return the norm."""
        loss = cross_entropy(network, *draw.batch())
        if self.variant == "released":
            squares = [g.double().square().sum() for g in gradients(loss, list(network.parameters()))]
            return float(sum(square.item() for square in squares) ** 0.5)
        weights = [layer.weight for layer in weighted_layers(network)]
        return float(sum(g.double().norm().item() for g in gradients(loss, weights)))
