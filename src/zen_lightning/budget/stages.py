"""The stages of a row of super-blocks, as shapes speak of them: the blocks between two down-samplings, without the ends."""

import math
from typing import NamedTuple

from zen_lightning.arch import Architecture
from zen_lightning.arch.counting import count_block


class StageSums(NamedTuple):
    """What a stage has.

    Attributes:
        resolution: height and width of what its blocks give.
        layers: sub-layers.
        flops: multiply-adds for one image.
    """

    resolution: int
    layers: int
    flops: int


def stages(architecture: Architecture, resolution: int) -> list[StageSums]:
    """Return the stages of a network.

    The first block is the stem, and a last block of one layer that keeps the resolution prepares the classifier: neither is
    part of a stage, as a space fixes their depth.

    Args:
        architecture: a row of super-blocks.
        resolution: height and width of the images.

    Example:
        >>> arch = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,8,1)SuperResK3K3(16,16,2,8,3)")
        >>> [(stage.resolution, stage.layers) for stage in stages(arch, resolution=32)]
        [(8, 1), (4, 3)]
    """
    found: list[StageSums] = []
    blocks = architecture.blocks
    for index, block in enumerate(blocks):
        before = resolution
        resolution, _, flops = count_block(block, resolution)
        if index == 0 or (index == len(blocks) - 1 and block.sub_layers == 1 and resolution == before):
            continue
        if found and found[-1].resolution == resolution:
            last = found[-1]
            found[-1] = StageSums(resolution, last.layers + block.sub_layers, last.flops + flops)
        else:
            found.append(StageSums(resolution, block.sub_layers, flops))
    return found


def effectiveness(architecture: Architecture) -> float:
    """Return DeepMAD's rho: convolutions of the vanilla twin over the geometric mean of their widths.

    Example:
        >>> effectiveness(Architecture.parse("SuperConvK3BNRELU(4,8,1,1)", in_channels=4)) == 1 / 36
        True
    """
    count, log_width = 0, 0.0
    for block in architecture.blocks:
        known = block.cache.get("log_width")
        if known is None:
            convolutions = [conv for unit in block.units for conv in unit.backbone]
            widths = sum(math.log(conv.fan_in * conv.kernel_size**2) for conv in convolutions)
            known = block.cache["log_width"] = (len(convolutions), widths)
        count += known[0]
        log_width += known[1]
    return depth_over_width(count, log_width)


def depth_over_width(convolutions: int, log_width: float) -> float:
    """Return rho of DeepMAD, https://arxiv.org/abs/2303.02165: convolutions over the geometric mean of their widths.

    Args:
        convolutions: how many.
        log_width: sum of ln of their widths, in channels * k^2 / groups.

    Example:
        >>> round(depth_over_width(4, 4 * math.log(100)), 9)
        0.04
    """
    return convolutions / math.exp(log_width / convolutions)
