"""MeCo: minimum eigenvalue of correlation (Jiang, Wang, Bie, NeurIPS 2023)."""

import torch
from torch import Tensor, nn

from zen_lightning.nets.layers import watched_outputs
from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.proxy.failures import require_finite
from zen_lightning.proxy.network_proxy import Draw, NetworkProxy


class MeCo(NetworkProxy):
    """Sum over convolutions of the smallest eigenvalue of the correlation matrix of the channels, for one image.

    The correlation is taken over the positions of the convolution's output; a batch norm afterwards would not change it. A
    channel without variance is uncorrelated with all others and has the eigenvalue 0. With more channels than positions the
    smallest eigenvalue is 0 because of the rank.
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
    # 1e-12 is a choice: some thousand times the rounding of float64, so that a constant channel has no variance.
    unit = torch.where(norms > 1e-12 * map_cx.norm(dim=1, keepdim=True), centred / norms, 0)
    return max(0.0, float(torch.linalg.eigvalsh(unit @ unit.T)[0]))
