"""MeCo: minimum eigenvalue of correlation (Jiang, Wang, Bie, NeurIPS 2023)."""

import torch
from torch import Tensor, nn

from zen_lightning.nets.layers import watched_outputs
from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.proxy.failures import require_finite
from zen_lightning.proxy.network_proxy import Draw, NetworkProxy


class MeCo(NetworkProxy):
    """Sum over convolutions of the smallest eigenvalue of the correlation matrix of the channels, for one image.

    The correlation is that of the feature map after the convolution, over its positions; a batch norm after it would not
    change it. A channel without variance is correlated with nothing and has the eigenvalue 0. Feature maps of more channels
    than positions have a smallest eigenvalue of 0 by their rank.
    """

    name = "meco"

    @torch.no_grad()
    def measure(self, network: nn.Module, draw: Draw) -> float:
        """Return the sum."""
        images, _ = draw.batch(2)
        total, seen = 0.0, 0

        def add(out_bcx: Tensor) -> None:
            nonlocal total, seen
            if out_bcx.dim() == 4:
                seen += 1
                require_finite(out_bcx, self.name)
                total += _smallest_eigenvalue(out_bcx[0].flatten(1).double())

        with watched_outputs(network, add):
            network(images)
        if not seen:
            raise CannotScoreError("meco reads convolutions, and this network has none")
        return total


def _smallest_eigenvalue(map_cx: Tensor) -> float:
    channels, positions = map_cx.shape
    if positions <= channels:
        return 0.0
    centred = map_cx - map_cx.mean(1, keepdim=True)
    norms = centred.norm(dim=1, keepdim=True)
    unit = torch.where(norms > 1e-12 * map_cx.norm(dim=1, keepdim=True), centred / norms, 0)
    return max(0.0, float(torch.linalg.eigvalsh(unit @ unit.T)[0]))
