"""AZ-NAS: four views of a network, by rank (https://arxiv.org/abs/2403.19232)."""

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from zen_lightning.nets.staged import StagedNetwork
from zen_lightning.proxy.base import CannotScoreError, ascending_ranks
from zen_lightning.proxy.failures import require_finite
from zen_lightning.proxy.network_proxy import Draw, RankedNetworkProxy

_TINY = 1e-6


class AzNas(RankedNetworkProxy):
    """Sum over four parts of ``ln(rank / m)``, rank 1 to m within the set of m networks.

    - expressivity: the entropy of the eigenvalues, normalised to a sum of 1, of the covariance of the channels behind a block;
      summed over blocks.
    - progressivity: the smallest increase of that entropy from one block to the next.
    - trainability: the mean over blocks of 2 - s - 1/s, s the spectral norm of the block's Jacobian between channels, read from
      what a Rademacher vector behind the block becomes before it. A block that hands on its input unchanged has nothing to
      train, and counts as one that hands on nothing (s = 0), though its s is 1, the best there is: without this, cells of
      NAS-Bench-201 that are one long shortcut would rank first.
    - complexity: the FLOPs.

    Kaiming weights, noise images, the network with its shortcuts. It needs to know the blocks: any module of our own does.
    """

    name = "az_nas"
    part_names = ("expressivity", "progressivity", "trainability", "complexity")
    weights = {"paper": "kaiming"}  # noqa: RUF012
    vanilla = False

    def measure_parts(self, network: nn.Module, draw: Draw) -> tuple[float, ...]:
        """Return the four parts."""
        if not isinstance(network, StagedNetwork):
            raise CannotScoreError(f"az_nas looks behind every block, and does not know those of a {type(network).__name__}")
        network.requires_grad_(False)
        images, _ = draw.batch()
        entropies, gains = [], []
        before = images
        for index, unit in enumerate(network.units()):
            before = before.detach().requires_grad_()
            after = unit(before)
            require_finite(after, self.name)
            entropies.append(_entropy(after.detach()))
            if index:
                signs = draw.signs(after)
                (pulled,) = torch.autograd.grad(after, before, signs)
                gains.append(_gain(signs, pulled))
            before = after
        if not gains:
            raise CannotScoreError("az_nas compares blocks, and this network has one")
        steps = [after - before for before, after in pairwise(entropies)]
        flops = network.architecture.flops(self.resolution, self.num_classes)
        return sum(entropies), min(steps), sum(gains) / len(gains), float(flops)

    def combine(self, parts: Sequence[tuple[float, ...]]) -> list[float]:
        """Return the sum of ``ln(rank / m)``; 0 is the best possible."""
        columns = [ascending_ranks(column) for column in zip(*parts, strict=True)]
        return [sum(math.log(rank / len(parts)) for rank in ranks) for ranks in zip(*columns, strict=True)]


def _entropy(map_bchw: Tensor) -> float:
    """Return the entropy of the principal components of the channels."""
    x_cn = map_bchw.transpose(0, 1).flatten(1)
    x_cn = x_cn - x_cn.mean(1, keepdim=True)
    eigenvalues = torch.linalg.eigvalsh((x_cn @ x_cn.T).double() / x_cn.shape[1]).clamp(min=0)
    total = eigenvalues.sum()
    if not total > 0:
        return 0.0
    shares = eigenvalues / total
    return -float(torch.special.xlogy(shares, shares).sum())


def _gain(signs_bchw: Tensor, pulled_bchw: Tensor) -> float:
    """Return 2 - s - 1/s for the Jacobian of a block between channels, estimated as the mean of the outer products."""
    if torch.equal(pulled_bchw, signs_bchw):
        return 2 - 1 / _TINY
    ratio = pulled_bchw.shape[-1] // signs_bchw.shape[-1]
    if ratio > 1:
        # Each position behind a strided block sees ratio x ratio positions before it: as channels.
        pulled_bchw = nn.functional.pixel_unshuffle(_cropped(pulled_bchw, ratio), ratio)
    pulled_cn = pulled_bchw.transpose(0, 1).flatten(1)
    signs_cn = _cropped_to(signs_bchw, pulled_bchw).transpose(0, 1).flatten(1)
    jacobian = (pulled_cn @ signs_cn.T) / signs_cn.shape[1]
    norm = float(torch.linalg.matrix_norm(jacobian, ord=2))
    return 2 - norm - 1 / (norm + _TINY)


def _cropped(map_bchw: Tensor, ratio: int) -> Tensor:
    height, width = (size - size % ratio for size in map_bchw.shape[-2:])
    return map_bchw[..., :height, :width]


def _cropped_to(map_bchw: Tensor, other_bchw: Tensor) -> Tensor:
    return map_bchw[..., : other_bchw.shape[-2], : other_bchw.shape[-1]]
