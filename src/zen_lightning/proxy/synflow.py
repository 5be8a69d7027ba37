"""SynFlow (https://arxiv.org/abs/2006.05467; as a proxy https://arxiv.org/abs/2101.08134)."""

import math
from contextlib import nullcontext

import torch
from torch import Tensor, nn

from zen_lightning.nets.image_channels import image_channels
from zen_lightning.nets.layers import NORMS, OTHER_NORMS, uncapped_relus, weighted_layers
from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.proxy.gradients import gradients
from zen_lightning.proxy.network_proxy import Draw, NetworkProxy


class SynFlow(NetworkProxy):
    r"""Logarithm of the sum over convolutions and linear layers of w * d(sum of the outputs)/dw.

    Weights are replaced by their absolute values, the image is all ones, and batch norms are left out. It is computed in double
    precision, as the sum grows with the product of all widths. The cap of a ReLU6 is removed: no gradient would flow above it.

    ``released``: weights N(0,1) before the absolute value, batch norms in training mode, for each layer the mean over
    output channels of the sum of \|w * d(sum of the outputs)/dw\|, with the sign flipped.
    """

    name = "synflow"
    variants = ("paper", "released")
    dtype = torch.float64

    def measure(self, network: nn.Module, draw: Draw) -> float:
        """Return the score of a batch of one image, which is all ones."""
        released = self.variant == "released"
        with torch.no_grad():
            for parameter in network.parameters():
                parameter.abs_()
        if not released:
            for module in network.modules():
                if isinstance(module, NORMS):
                    module.eval()
                    module.register_forward_hook(_passed_by)
                elif isinstance(module, OTHER_NORMS):
                    module.register_forward_hook(_divided)
        channels = self.in_channels or image_channels(network)
        image = torch.ones(1, channels, self.resolution, self.resolution, dtype=self.dtype, device=self.device)
        layers = weighted_layers(network)
        with nullcontext() if released else uncapped_relus():
            outputs = network(image)
        flows = gradients(outputs.sum(), [layer.weight for layer in layers])
        products = [layer.weight.detach() * flow for layer, flow in zip(layers, flows, strict=True)]
        if released:
            return -sum(product.abs().flatten(1).sum(1).mean().item() for product in products)
        total = sum(product.sum().item() for product in products)
        if total <= 0:
            raise CannotScoreError(f"synflow is the logarithm of {total}: no gradient flows through this network")
        return math.log(total)


def _passed_by(norm: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
    return inputs[0]


def _divided(norm: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
    """Divide by the size of the values, held constant: nothing becomes negative, and attention does not overflow."""
    size = inputs[0].detach().square().mean().sqrt()
    return inputs[0] / size.clamp_min(torch.finfo(size.dtype).tiny)
