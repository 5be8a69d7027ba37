"""What a search begins with where only a budget is given: the usual space of a resolution, and the usual start of a space."""

from collections.abc import Mapping
from typing import Any

from zen_lightning.arch import Architecture
from zen_lightning.arch.primitives import output_size
from zen_lightning.errors import UserError
from zen_lightning.space.base import SearchSpace
from zen_lightning.system.value_types import Pixels

MOBILE_FROM = 128
"""Lowest resolution of mobile networks. A choice: between the 32 px of the paper's residual networks and its 224 px, as for the
weights of the calibrated score."""

_LARGEST_MAP = 8
"""The last feature map is below this. A choice: the shipped starts end in 4 (CIFAR) and 7 pixels (ImageNet)."""

_MOST_DOWN_SAMPLINGS = 5
"""As the networks for ImageNet have."""

_STARTS = {
    "resnet": "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,8,1)SuperResK3K3(16,32,2,16,1)SuperResK3K3(32,64,2,32,1)"
    "SuperResK3K3(64,64,2,32,1)SuperConvK1BNRELU(64,128,1,1)",
    "resnet, large": "SuperConvK3BNRELU(3,32,2,1)SuperResK3K3(32,64,2,32,1)SuperResK3K3(64,128,2,64,1)"
    "SuperResK3K3(128,256,2,128,1)SuperResK3K3(256,512,2,256,1)SuperConvK1BNRELU(512,512,1,1)",
    "mobilenet": "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,1)SuperResIDWE6K3(32,48,2,32,1)"
    "SuperResIDWE6K3(48,96,2,48,1)SuperResIDWE6K3(96,128,2,96,1)SuperConvK1BNRELU(128,{head},1,1)",
}
"""The starts of the shipped budgets, with five down-samplings: of the space resnet that for CIFAR, and that for ImageNet."""


def usual_space(resolution: Pixels, moves: str | Mapping[str, str] | None = None) -> SearchSpace[Any]:
    """Return the space for a resolution: ``resnet`` for small images, ``mobilenet`` from 128 pixels on.

    Args:
        resolution: height and width of the images.
        moves: as for the space, or for each space by its name; None: its default.

    Raises:
        UserError: a resolution below 1.

    Example:
        >>> usual_space(64).name, usual_space(224).name
        ('resnet', 'mobilenet')
    """
    from zen_lightning.space import search_space

    if resolution < 1:
        raise UserError(key="resolution", value=resolution, expected="1 or more")
    name = "mobilenet" if resolution >= MOBILE_FROM else "resnet"
    chosen = moves.get(name) if isinstance(moves, Mapping) else moves
    return search_space(name, **({} if chosen is None else {"moves": chosen}))


def usual_start(space: SearchSpace[Any], resolution: int, head: int = 2048) -> str:
    """Return the usual start of a space; empty where it has none.

    The first of its down-samplings are left out where the last feature map would be below 4 pixels.

    Args:
        space: the space.
        resolution: height and width of the images.
        head: width of a last convolution that the space never changes.

    Example:
        >>> from zen_lightning.space import search_space
        >>> [block.stride for block in Architecture.parse(usual_start(search_space("resnet"), resolution=32)).blocks]
        [1, 1, 2, 2, 2, 1]
        >>> [block.stride for block in Architecture.parse(usual_start(search_space("resnet"), resolution=64)).blocks]
        [1, 2, 2, 2, 2, 1]
    """
    large = f"{space.name}, large"
    name = large if large in _STARTS and resolution >= MOBILE_FROM else space.name
    text = _STARTS.get(name, space.start).format(head=head)
    start = space.parse(text) if text else None
    return text if type(start) is not Architecture else str(down_sampled(start, resolution))


def down_sampled(start: Architecture, resolution: int) -> Architecture:
    """Return a row of super-blocks with as many down-samplings as an image bears: the last map is of 4 to 7 pixels.

    Down-samplings are taken from, or given to, the blocks in front of the others, so that the last ones stay as they are.

    Args:
        start: the row; its strides are 1 and 2.
        resolution: height and width of the images.

    Example:
        >>> start = Architecture.parse("SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,1,8,1)SuperResK3K3(16,32,2,16,1)")
        >>> [[block.stride for block in down_sampled(start, resolution).blocks] for resolution in (8, 16, 32)]
        [[1, 1, 2], [1, 2, 2], [2, 2, 2]]
    """
    strided = [index for index, block in enumerate(start.blocks) if block.stride > 1]
    count = _down_samplings(resolution)
    plain = [index for index in range(max(strided, default=len(start.blocks) - 1) + 1) if index not in strided]
    wanted = {*strided[max(0, len(strided) - count) :], *plain[max(0, len(plain) - max(0, count - len(strided))) :]}
    return Architecture(tuple(block.replace(stride=2 if index in wanted else 1) for index, block in enumerate(start.blocks)))


def _down_samplings(resolution: int) -> int:
    """Return how often a feature map of this size is halved until it is below 8 pixels, five times at most."""
    count = 0
    while resolution >= _LARGEST_MAP and count < _MOST_DOWN_SAMPLINGS:
        resolution, count = output_size(resolution, 3, 2), count + 1
    return count
