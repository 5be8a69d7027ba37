"""NASWOT: Neural Architecture Search without Training (https://arxiv.org/abs/2006.04647)."""

import torch
from torch import Tensor, nn

from zen_lightning.nets.layers import watched_relus
from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.proxy.failures import require_finite
from zen_lightning.proxy.network_proxy import Draw, NetworkProxy


class NasWot(NetworkProxy):
    """``ln |det K|``, where K counts the relus that two images switch alike: K = sum of X X' + (1 - X)(1 - X)'.

    ``released``: the same with noise images and weights N(0,1).
    """

    name = "naswot"
    variants = ("paper", "released")

    @torch.no_grad()
    def measure(self, network: nn.Module, draw: Draw) -> float:
        """Return the log-determinant."""
        images, _ = draw.batch()
        size = len(images)
        kernel = torch.zeros(size, size, dtype=torch.float64, device=images.device)
        seen = 0

        def count(before_bx: Tensor) -> None:
            nonlocal seen
            seen += 1
            require_finite(before_bx, self.name)
            on = (before_bx.reshape(size, -1) > 0).float()
            off = 1 - on
            kernel.add_((on @ on.T + off @ off.T).double())

        with watched_relus(count):
            network(images)
        if not seen:
            raise CannotScoreError("naswot reads relus, and this network has none")
        sign, logdet = torch.linalg.slogdet(kernel)
        if sign == 0 or not torch.isfinite(logdet):
            raise CannotScoreError("two images of the batch give identical ReLU patterns, so naswot is undefined")
        return float(logdet)
