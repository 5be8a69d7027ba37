"""SynFlow (https://arxiv.org/abs/2006.05467; as a proxy https://arxiv.org/abs/2101.08134)."""

import math
from contextlib import nullcontext

import torch
from torch import Tensor, nn

from zen_lightning.nets.layers import NORMS, uncapped_relus, weighted_layers
from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.proxy.gradients import gradients
from zen_lightning.proxy.network_proxy import Draw, NetworkProxy


class SynFlow(NetworkProxy):
    r"""Logarithm of the sum over convolutions and linear layers of w * d(sum of the outputs)/dw.

    Weights are replaced by their absolute values, the image is all ones, batch norms are left out, in double precision: the sum
    grows with the product of all widths. The cap of a ReLU6 is taken off: above it nothing would flow, and the score would be
    that of the few positions below.

    ``released``: weights N(0,1) before the absolute value, batch norms in training mode, of each layer the mean over output
    channels of the sum of \|w * d(sum of the outputs)/dw\|, and the sign turned.
    """

    name = "synflow"
    variants = ("paper", "released")
    dtype = torch.float64

    def measure(self, network: nn.Module, draw: Draw) -> float:
        """Return the score. The batch is one image of ones: there is nothing else to see."""
        released = self.variant == "released"
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.abs_()
        if not released:
            for module in network.modules():
                if isinstance(module, NORMS):
                    module.eval()
                    module.register_forward_hook(_passed_by)
        image = torch.ones(1, 3, self.resolution, self.resolution, dtype=self.dtype, device=self.device)
        layers = weighted_layers(network)
        with nullcontext() if released else uncapped_relus():
            outputs = network(image)
        flows = gradients(outputs.sum(), [layer.weight for layer in layers])
        products = [layer.weight.detach() * flow for layer, flow in zip(layers, flows, strict=True)]
        if released:
            return -sum(product.abs().flatten(1).sum(1).mean().item() for product in products)
        total = sum(product.sum().item() for product in products)
        if total <= 0:
            raise CannotScoreError(f"synflow is the logarithm of {total}: nothing flows through this network")
        return math.log(total)


def _passed_by(norm: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
    return inputs[0]
