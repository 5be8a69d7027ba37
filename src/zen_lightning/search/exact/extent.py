"""The largest width that any block can have within the limits."""

from dataclasses import replace

import numpy as np

from zen_lightning.errors import UserError
from zen_lightning.search.exact.blocks import options_of
from zen_lightning.search.exact.chain import Chain
from zen_lightning.search.exact.costs import Cost
from zen_lightning.search.exact.score import AdditiveScore
from zen_lightning.search.exact.widths import multiples_up_to

_FACTOR = 1.1
"""Ratio of the widths that are tried. A choice: the answer is at most a tenth too large, which costs time alone."""

_UNLIMITED = 100_000
"""Widths tried where the space has no largest one. A choice: far beyond any budget."""

_WIDE = 4_096
"""The same where widths inside a block depend on its input, so that a single output may be so wide that no list of widths
reaches it. A choice: wider than any published network; results state up to which width they are proved."""


def fitting_widths(chain: Chain, costs: tuple[Cost, ...], score: AdditiveScore) -> int | None:
    """Return a width that no block of a network within the limits exceeds; None if no network is within them.

    Raises:
        UserError: nothing limits the widths.
    """
    most = 0
    ladder = _ladder(chain)
    widths = multiples_up_to(0, {*ladder, *chain.fixed_widths})
    steps, narrow = widths.numbers(ladder), widths.numbers([8])
    image = widths.numbers([chain.image_channels])
    for move in [*chain.steps, *(extra for extra in chain.extra if extra is not None)]:
        arriving = image if move.place.reads_image else narrow
        for outs, bottlenecks in ((steps, narrow), (narrow, steps)):
            # One sub-layer costs the least, so it is all that is asked about.
            shallow = replace(move, layers=min(1, move.layers)) if move.residual else move
            options = options_of(shallow, widths, costs, score, outs, bottlenecks, arriving=arriving, rules=chain.rules)
            if not len(options) and move in chain.steps:
                return None
            if len(options) and move.fixed is None:
                has_bottleneck = move.residual and move.has_bottleneck
                reached = max(options.out.max(), options.bottleneck.max() if has_bottleneck else 0)
                most = max(most, int(np.searchsorted(steps, reached)))
    if ladder[-1] // 8 == _UNLIMITED // 8 and most == len(ladder) - 1:
        if not any(move.by_input for move in chain.steps) or not (costs or chain.rules.peak):
            raise UserError("nothing limits the widths", key="costs", remedy="set a limit on FLOPs or parameters")
        return _WIDE
    return ladder[min(most + 1, len(ladder) - 1)]


def _ladder(chain: Chain) -> list[int]:
    """Return the widths that are tried."""
    limits = [move.largest for move in chain.steps if move.fixed is None]
    top = max([limit for limit in limits if limit is not None], default=8) if None not in limits else _UNLIMITED
    ladder = [8]
    while ladder[-1] < top:
        ladder.append(min(top // 8 * 8, max(ladder[-1] + 8, int(ladder[-1] * _FACTOR) // 8 * 8)))
        if ladder[-1] == ladder[-2]:
            break
    return ladder
