"""Shapes as limits on sums: the largest share of a stage, and depth over width."""

import math
from dataclasses import replace
from fractions import Fraction

from zen_lightning.search.exact.chain import Chain, Move
from zen_lightning.search.exact.costs import CONVOLUTIONS, LOG_UNIT, LOG_WIDTH, Cost
from zen_lightning.search.exact.rows import example_block

_FINEST = 10_000
"""Largest denominator of a share. A choice: a share of more digits is rounded up, and the shape itself is asked about complete
networks."""

_SLACK = 100
"""Units of 1 / LOG_UNIT by which the limit on depth over width is too high, more than rounding logarithms can lose in 200
convolutions; networks are checked by the shape itself."""


def share_costs(most: float, chain: Chain, flops: float) -> list[Cost]:
    """Return for each stage the limit that it has at most a share of the FLOPs of all stages.

    With the share p / q: q times the FLOPs of the stage less p times those of all stages is at most 0.

    Args:
        most: the share.
        chain: the networks.
        flops: about the FLOPs of a network, for a first guess of prices.
    """
    share = Fraction(most).limit_denominator(_FINEST)
    if float(share) != most:
        share = Fraction(math.ceil(most * _FINEST), _FINEST)
    stages = sorted({move.stage for move in chain.steps if move.stage is not None})
    costs = []
    for stage in stages:
        factors = [-share.numerator] * (stages[-1] + 1)
        factors[stage] += share.denominator
        label, scale = f"share of stage {stage}", share.denominator * flops
        of_stage = Cost("flops", 0, 0, 0, signed=True, factors=(*factors, 0), scale=scale, label=label)
        costs.append(replace(of_stage, relief=share.numerator, relieved_by="flops"))
    return costs


def depth_costs(most: float, chain: Chain) -> list[Cost]:
    """Return limits that every network keeps to whose depth over width is at most ``most``.

    For N convolutions with the sum S of ln of their widths, N / exp(S / N) <= rho is the same as S >= N ln(N / rho). That is
    convex in N, so its tangent at any M bounds it: (1 + ln(M / rho)) N - S <= M. One tangent is taken for each number of
    convolutions that a sub-layer may have, at the deepest network of such; networks are checked by the shape itself. N and S
    are counted beside it, as of two partial networks the one with fewer convolutions and larger S is the better one.

    Args:
        most: the largest depth over width, rho.
        chain: the networks.
    """
    fixed, in_convs, each = convolutions_of(chain)
    layers = max(0, chain.layers - in_convs)
    costs = [
        Cost(CONVOLUTIONS, 0, 0, 0, signed=True, limited=False),
        Cost(LOG_WIDTH, 0, 0, 0, signed=True, limited=False),
    ]
    for count in each or [0]:
        deepest = max(1, fixed + count * layers)
        tangent = round(LOG_UNIT * (1 + math.log(deepest / most)))
        maximum = LOG_UNIT * deepest + _SLACK
        label = f"depth over width at {deepest} convolutions"
        costs.append(Cost(LOG_WIDTH, maximum, 0, 0, signed=True, tangent=tangent, scale=maximum, label=label))
    return costs


def convolutions_of(chain: Chain) -> tuple[int, int, list[int]]:
    """Return the convolutions and sub-layers that are no residual blocks, and how many a residual sub-layer may have."""
    convs = [move for move in chain.steps if not move.residual]
    fixed = sum(_convolutions(move, move.names[0]) * move.fixed_layers for move in convs)
    each = sorted({_convolutions(move, name) for move in chain.steps if move.residual for name in move.names})
    return fixed, sum(move.fixed_layers for move in convs), each


def _convolutions(move: Move, name: str) -> int:
    """Return the convolutions of one sub-layer, those of shortcuts left out."""
    return sum(len(unit.backbone) for unit in example_block(name, move.stride, 1).units)
