"""Exact counts of units and super-blocks, cached with them."""

from typing import NamedTuple

from zen_lightning.arch.block import SuperBlock
from zen_lightning.arch.primitives import Part, Residual, Unit
from zen_lightning.arch.res_shapes import Cost


class Count(NamedTuple):
    """The cost of a unit or a super-block at one resolution.

    Attributes:
        resolution: height and width of its output.
        params: trainable parameters.
        flops: multiply-adds for one image.
    """

    resolution: int
    params: int
    flops: int


def count_block(block: SuperBlock, resolution: int, use_se: bool = False) -> Count:
    """Return the counts of ``block`` for an input at ``resolution``.

    Example:
        >>> from zen_lightning.arch.block import make_block
        >>> count_block(make_block("SuperConvK3BNRELU", 3, 8, 2, 1), 32)
        Count(resolution=16, params=232, flops=55296)
    """
    return Count(*cost_of_block(block, resolution, use_se))


def cost_of_block(block: SuperBlock, resolution: int, use_se: bool = False) -> Cost:
    """Return what :func:`count_block` returns as a plain tuple, which a search unpacks by the million.

    It is kept in the block's cache by the resolution, or with squeeze-and-excitation by ``("se", resolution)``.
    """
    key = ("se", resolution) if use_se else resolution
    known: Cost | None = block.cache.get(key)
    if known is None:
        if block.by_formula and not use_se:
            known = block.cache[key] = block.cost(resolution)  # type: ignore[attr-defined]
            return known
        params = flops = 0
        size = resolution
        for unit in block.units:
            size, more_params, more_flops = unit.cache.get(("se", size) if use_se else size) or _count_unit(unit, size, use_se)
            params += more_params
            flops += more_flops
        known = block.cache[key] = size, params, flops
    return known


def _count_unit(unit: Unit, resolution: int, use_se: bool) -> Cost:
    if isinstance(unit, Part):
        leaves, weights = unit.output_size(resolution), unit.num_params(use_se)
        part = unit.cache[("se", resolution) if use_se else resolution] = leaves, weights, unit.flops(resolution, use_se)
        return part
    params = flops = 0
    size = resolution
    for conv in unit.backbone:
        params += conv.num_params(use_se)
        flops += conv.flops(size, use_se)
        size = conv.output_size(size)
    if isinstance(unit, Residual) and unit.projection is not None:
        params += unit.projection.num_params()
        flops += unit.projection.flops(resolution)
    known = unit.cache[("se", resolution) if use_se else resolution] = size, params, flops
    return known
