"""Number of linear regions (TE-NAS, https://arxiv.org/abs/2102.11535, Section 3.2)."""

import torch
from torch import Tensor, nn

from zen_lightning.nets.layers import watched_relus
from zen_lightning.proxy.base import CannotScoreError
from zen_lightning.proxy.failures import require_finite
from zen_lightning.proxy.network_proxy import Draw, NetworkProxy


class LinearRegions(NetworkProxy):
    """The number of linear regions of the network that the straight line between two images crosses.

    Every relu that switches between two neighbours among ``batch_size`` points of the line is a border, and the number of
    regions is the number of switches plus one. TE-NAS counts the distinct patterns of a batch instead, on a network narrowed to
    one channel; at full width every image has a pattern of its own, and that count is just the batch size.
    """

    name = "linear_regions"
    weights = {"paper": "kaiming"}  # noqa: RUF012

    @torch.no_grad()
    def measure(self, network: nn.Module, draw: Draw) -> float:
        """Return the number of regions."""
        if self.batch_size < 2:
            raise CannotScoreError(
                "linear_regions compares points of a line", key="batch_size", value=self.batch_size, expected="2 or more"
            )
        ends, _ = draw.batch(2)
        along = torch.linspace(0, 1, self.batch_size, device=ends.device, dtype=ends.dtype).view(-1, 1, 1, 1)
        switches = seen = 0

        def count(before_bx: Tensor) -> None:
            nonlocal switches, seen
            seen += 1
            require_finite(before_bx, self.name)
            on = before_bx > 0
            switches += int((on[1:] != on[:-1]).sum())

        with watched_relus(count):
            network(ends[0] + (ends[1] - ends[0]) * along)
        if not seen:
            raise CannotScoreError("linear_regions reads relus, and this network has none")
        return float(switches + 1)
