"""Random networks of the kind that a search visits, across the sizes that matter: what a profile is made for."""

import math
from collections.abc import Callable, Iterator
from random import Random

from zen_lightning.arch import Architecture
from zen_lightning.arch.super_res import round_to_8
from zen_lightning.space import search_space
from zen_lightning.space.blocks import BlockSpace

# Those of the starts of the latency and FLOPs presets, without the last convolution.
_WIDTHS = {"resnet": (32, 64, 128, 256, 512), "mobilenet": (8, 32, 48, 96, 128)}
# A choice: starts, depths and widths that together reach all costs of an extent. The errors of predictions on networks that
# were held out: docs/benchmarks.md, "Latency predicted".
_FACTORS = (0.02, 0.25, 0.35, 0.5, 0.7, 1.0, 1.4)
_MOST_LAYERS = (8, 12, 16, 20, 30)
_MOST_CHANNELS = 2048
_STEPS = 400
"""Mutations at most: a walk that does not reach its target ends there."""

_LEAST_STEPS = 40
"""Mutations at least, so that a network is not just a start."""

_NEAR = math.log(1.15)
"""How near to the wanted FLOPs a network is enough: 15%, as targets are spread over two to three decades."""


def preset_start(space: str, factor: float = 1.0, strides: tuple[int, ...] = (2, 2, 2, 2, 2)) -> Architecture:
    """Return the start of the latency or the FLOPs presets, its widths times a factor.

    Args:
        space: ``resnet`` or ``mobilenet``.
        factor: of all widths but the last of the mobilenet space; the results are multiples of 8, at least 8.
        strides: strides of the stem and the four residual blocks.

    Example:
        >>> str(preset_start("resnet", 0.25))[:54]
        'SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,8,1)Supe'
    """
    widths = [round_to_8(width * factor) for width in _WIDTHS[space]]
    name, last = ("SuperResK3K3", widths[-1]) if space == "resnet" else ("SuperResIDWE6K3", 2048)
    middle = "".join(
        f"{name}({arrives},{leaves},{stride},{arrives},1)"
        for arrives, leaves, stride in zip(widths, widths[1:], strides[1:], strict=False)
    )
    return Architecture.parse(
        f"SuperConvK3BNRELU(3,{widths[0]},{strides[0]},1){middle}SuperConvK1BNRELU({widths[-1]},{last},1,1)"
    )


def sample_network(space_name: str, flops: float, rng: Random, resolution: int = 224) -> Architecture:
    """Return a network found by mutations from a start of the presets, with about so many FLOPs.

    Args:
        space_name: ``resnet`` or ``mobilenet``.
        flops: multiply-adds for one image; reached within 15% where the space has such networks.
        rng: the source of random numbers.
        resolution: height and width of the images; below 64 the network shrinks them by 8 instead of 32.
    """
    space = search_space(space_name)
    assert isinstance(space, BlockSpace)
    strides = (2, 2, 2, 2, 2) if resolution >= 64 else (1, 1, 2, 2, 2)
    start = preset_start(space_name, _FACTORS[int(rng.random() * len(_FACTORS))], strides)
    most_layers = _MOST_LAYERS[int(rng.random() * len(_MOST_LAYERS))]
    network, gap = start, abs(math.log(start.flops(resolution) / flops))
    for step in range(_STEPS):
        if step >= _LEAST_STEPS and gap < _NEAR:
            break
        child = space.mutate(network, rng, 2).split()
        if child.num_layers > most_layers or any(block.out_channels > _MOST_CHANNELS for block in child.blocks):
            continue
        child_gap = abs(math.log(child.flops(resolution) / flops))
        if child_gap <= max(gap, 2 * _NEAR):
            network, gap = child, child_gap
    return network


def sample_networks(
    count: int,
    flops: tuple[float, float],
    seed: str,
    resolution: int = 224,
    accept: Callable[[Architecture], bool] = lambda network: True,
) -> Iterator[Architecture]:
    """Yield distinct networks, half of each space, their FLOPs spread evenly on a logarithmic scale.

    Args:
        count: how many; even and odd ones are of different spaces.
        flops: FLOPs of the smallest and the largest.
        seed: the same gives the same networks.
        resolution: height and width of the images.
        accept: returns whether a network is taken.
    """
    rng = Random(seed)
    low, high = (math.log(bound) for bound in flops)
    seen: set[Architecture] = set()
    number = 0
    while len(seen) < count:
        share = (number // 2 + rng.random()) / max(1, (count + 1) // 2)
        network = sample_network(
            ("resnet", "mobilenet")[number % 2], math.exp(low + (high - low) * min(share, 1.0)), rng, resolution
        )
        if network not in seen and accept(network):
            seen.add(network)
            number += 1
            yield network
