"""Fisher pruning score (https://arxiv.org/abs/1906.04113; as a proxy https://arxiv.org/abs/2101.08134)."""

from torch import Tensor, nn

from zen_lightning.nets.layers import watched_outputs
from zen_lightning.proxy.gradients import cross_entropy, gradients
from zen_lightning.proxy.network_proxy import Draw, NetworkProxy


class Fisher(NetworkProxy):
    """Sum over layers and channels of 1/2 mean over images of (sum over positions of a * dL/da) squared.

    a is the output of a convolution or linear layer, L the cross-entropy of one batch.
    """

    name = "fisher"

    def measure(self, network: nn.Module, draw: Draw) -> float:
        """Return the sum."""
        images, labels = draw.batch()
        outputs: list[Tensor] = []

        def keep(a_bcx: Tensor) -> Tensor:
            outputs.append(a_bcx)
            # A copy: the next operation may work in place.
            return a_bcx.clone()

        with watched_outputs(network, keep):
            loss = cross_entropy(network, images, labels)
        total = 0.0
        for a_bcx, g_bcx in zip(outputs, gradients(loss, outputs), strict=True):
            saliency_bc = (a_bcx.detach() * g_bcx).flatten(2).sum(2) if a_bcx.dim() > 2 else a_bcx.detach() * g_bcx
            total += 0.5 * saliency_bc.double().square().mean(0).sum().item()
        return total
