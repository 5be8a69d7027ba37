"""Partial networks as labels of the node at which they end, and the dominance between them."""

from dataclasses import dataclass

import numpy as np

from zen_lightning.search.exact.arrays import Bools, Floats, Ints
from zen_lightning.search.exact.partial import PartialNetworks
from zen_lightning.search.exact.score import AdditiveScore
from zen_lightning.search.time_limit import check_time

_STRONG = 64
"""Labels, the most promising, with which all others are compared first; the rest is compared with each other. A choice."""

_TOGETHER = 256
"""Labels compared at a time. A choice: it bounds the memory of the comparison."""


@dataclass(frozen=True)
class Labels(PartialNetworks):
    """Partial networks that end at one node with the same layers left, with their exact scores.

    Attributes:
        excess: exact excess of the output.
        gap: gap of the output; see :meth:`AdditiveScore.gap_after`.
        bonus: the kernels' part of the last term, only at the turn, after which it is part of the score.
    """

    excess: Floats
    gap: Floats
    bonus: Floats


def undominated(labels: Labels, score: AdditiveScore, slopes: tuple[float, float] | None = None) -> Bools:
    """Return which labels no other dominates.

    A label dominates another of the same width if it costs no more and scores at least as high whatever follows: its excess is
    no smaller, and its score is higher by as much as a larger excess or a smaller gap can lose at the end.

    Args:
        labels: labels of one node with the same number of layers left.
        score: the score, which bounds those losses.
        slopes: for linear scores, the smallest and the largest slope of what completions gain over the excess; then a smaller
            excess is no hindrance if the score makes up for it.
    """
    kept = np.ones(len(labels), bool)
    # Every excess is above 0, except that of the image, which has no rival.
    lasting = np.log(np.maximum(labels.excess, 1e-300)) * score.slope_of_excess, np.log(labels.gap) * score.slope_of_gap
    # In this order a label can only dominate later ones.
    worth = labels.score if slopes is None else labels.score + sum(slopes) / 2 * labels.excess
    order = np.lexsort((-labels.excess, -worth, labels.cost.sum(axis=1), labels.row))
    edges = np.flatnonzero(np.diff(labels.row[order])) + 1
    for same in np.split(order, edges):
        if len(same) > _STRONG:
            strong = np.sort(np.argsort(-labels.hope[same], kind="stable")[:_STRONG])
            same = same[_unrivalled(labels, same[strong], same, strong, lasting, slopes)]
        rest = same[_unrivalled(labels, same, same, np.arange(len(same)), lasting, slopes)]
        kept[same] = False
        kept[rest] = True
    return kept


def _unrivalled(
    labels: Labels,
    rivals: Ints,
    at: Ints,
    places: Ints,
    lasting: tuple[Floats, Floats],
    slopes: tuple[float, float] | None,
) -> Bools:
    """Return which of ``at`` no rival dominates; only rivals that come earlier can.

    Args:
        labels: all labels.
        rivals: numbers of the rivals, a part of ``at``.
        at: numbers of the labels to compare, in order.
        places: positions of the rivals in ``at``.
        lasting: loss at the end by the excess and by the gap of each label.
        slopes: see :func:`undominated`.
    """
    of_excess, of_gap = lasting
    free = np.ones(len(at), bool)
    costs = _compared(labels.cost[at])
    for start in range(0, len(at), _TOGETHER):
        check_time()
        part = at[start : start + _TOGETHER]
        ahead = rivals[places < start + len(part)]
        before = places[: len(ahead), None] < np.arange(start, start + len(part))
        for number in costs:
            cost = labels.cost[:, number]
            before &= cost[ahead][:, None] <= cost[part]
        before &= labels.blocks[ahead][:, None] <= labels.blocks[part]
        lead = labels.score[ahead][:, None] - labels.score[part]
        more = labels.excess[ahead][:, None] - labels.excess[part]
        if slopes is not None:
            # Whatever follows gains between the two slopes for each unit of the excess.
            lead += np.minimum(slopes[0] * more, slopes[1] * more)
        else:
            before &= more >= 0
        before &= lead >= 0
        lead -= np.maximum(of_excess[ahead][:, None] - of_excess[part], 0)
        lead -= np.maximum(of_gap[part] - of_gap[ahead][:, None], 0)
        before &= lead >= 0
        free[start : start + len(part)] = ~before.any(axis=0)
    return free


def _compared(costs: Ints) -> list[int]:
    """Return the numbers of the costs that differ, each kind of difference once: shape (labels, costs)."""
    differences = costs - costs[0]
    found: list[int] = []
    for number in np.flatnonzero(differences.any(axis=0)).tolist():
        if not any(np.array_equal(differences[:, number], differences[:, one]) for one in found):
            found.append(number)
    return found
