"""AZ-NAS: four views of a network, by rank (https://arxiv.org/abs/2403.19232)."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from zen_lightning.nets.blocks import find_blocks
from zen_lightning.nets.module_counts import count_multiply_adds
from zen_lightning.nets.staged import StagedNetwork
from zen_lightning.proxy.base import CannotScoreError, ascending_ranks
from zen_lightning.proxy.failures import require_finite
from zen_lightning.proxy.network_proxy import Draw, RankedNetworkProxy

_TINY = 1e-6
"""Added to a spectral norm that is divided by, so that a block that hands on nothing has a finite part. A choice."""


class AzNas(RankedNetworkProxy):
    """Sum over four parts of ``ln(rank / m)``, rank 1 to m within the set of m networks.

    - expressivity: the entropy of the eigenvalues, normalised to a sum of 1, of the covariance of the channels after a block;
      summed over blocks.
    - progressivity: the smallest increase of that entropy from one block to the next.
    - trainability: the mean over blocks of 2 - s - 1/s, s the spectral norm of the block's Jacobian between channels, estimated
      by propagating a Rademacher vector back through the block. A block that returns its input unchanged has nothing to train
      and counts as one that returns nothing (s = 0), although its s is 1, the best value: otherwise the cells of NAS-Bench-201
      that are one long shortcut would rank first.
    - complexity: the FLOPs.

    Kaiming weights, noise images, the network with its shortcuts. In a module that is not of this project the blocks are found
    by :func:`~zen_lightning.nets.blocks.find_blocks`, and the input of the first one counts as the output of the stem.
    """

    name = "az_nas"
    part_names = ("expressivity", "progressivity", "trainability", "complexity")
    weights = {"paper": "kaiming"}  # noqa: RUF012
    vanilla = False

    def measure_parts(self, network: nn.Module, draw: Draw) -> tuple[float, ...]:
        """Return the four parts."""
        images, _ = draw.batch()
        look = _Look(self.name, draw)
        if isinstance(network, StagedNetwork):
            network.requires_grad_(False)
            look.along(network, images)
            flops = network.architecture.flops(self.resolution, self.num_classes)
        else:
            blocks = find_blocks(network, images[:2])
            if len(blocks) < 2:
                kind = type(network).__name__
                raise CannotScoreError(
                    f"az_nas compares blocks in a row, and found {len(blocks)} in a {kind}: a block is called once, holds two "
                    "layers or more, and the whole data flow of the network passes through it"
                )
            network.requires_grad_(False)
            look.within(network, blocks, images)
            flops = count_multiply_adds(network, self.resolution)
        if not look.gains:
            raise CannotScoreError("az_nas compares blocks, and this network has only one")
        steps = [after - before for before, after in pairwise(look.entropies)]
        return sum(look.entropies), min(steps), sum(look.gains) / len(look.gains), float(flops)

    def combine(self, parts: Sequence[tuple[float, ...]]) -> list[float]:
        """Return the sum of ``ln(rank / m)``; 0 is the best possible."""
        columns = [ascending_ranks(column) for column in zip(*parts, strict=True)]
        return [sum(math.log(rank / len(parts)) for rank in ranks) for ranks in zip(*columns, strict=True)]


class _Look:
    """Measurements of the blocks of one network.

    Attributes:
        entropies: entropy of the feature map after the stem and after each block.
        gains: trainability of each block.
    """

    def __init__(self, name: str, draw: Draw) -> None:
        self._name = name
        self._draw = draw
        self.entropies: list[float] = []
        self.gains: list[float] = []

    def along(self, network: StagedNetwork, images: Tensor) -> None:
        """Measure the units of a network of this project."""
        before = images
        for index, unit in enumerate(network.units()):
            before = before.detach().requires_grad_()
            after = unit(before)
            self._entropy(after)
            if index:
                self._gain(before, after)
            before = after

    def within(self, network: nn.Module, blocks: Sequence[nn.Module], images: Tensor) -> None:
        """Measure the blocks of any module, in its forward pass."""
        leaves: dict[nn.Module, Tensor] = {}

        def enter(block: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
            leaves[block] = leaf = inputs[0].detach().requires_grad_()
            if not self.entropies:
                self._entropy(leaf)
            return (leaf * 1,)  # A copy: a block may overwrite its input, which is not allowed for a leaf.

        def leave(block: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
            self._entropy(output)
            self._gain(leaves.pop(block), output)
            return output.detach()

        handles: list[Any] = []
        for block in blocks:
            handles += [block.register_forward_pre_hook(enter), block.register_forward_hook(leave)]
        try:
            network(images)
        finally:
            for handle in handles:
                handle.remove()

    def _entropy(self, after: Tensor) -> None:
        require_finite(after, self._name)
        self.entropies.append(_entropy(after.detach()))

    def _gain(self, before: Tensor, after: Tensor) -> None:
        signs = self._draw.signs(after)
        (pulled,) = torch.autograd.grad(after, before, signs)
        self.gains.append(_gain(signs, pulled))


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
        # Each position after a strided block depends on ratio x ratio positions before it, which become channels.
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
