"""Partial networks, as labels of the node that they end at, and which of them no other makes superfluous."""

from dataclasses import dataclass, fields

import numpy as np

from zen_lightning.search.exact.arrays import Bools, Floats, Ints
from zen_lightning.search.exact.score import AdditiveScore

_STRONG = 64
"""All labels are compared with so many of the most promising first, and what is left with one another."""

_TOGETHER = 256


@dataclass(frozen=True)
class Labels:
    """Partial networks that end at one node with the same layers left.

    Attributes:
        row: width that leaves, as a row of the node, shape (labels,).
        score: so far, exactly.
        cost: so far, exactly, shape (labels, costs).
        excess: that leaves, exactly.
        gap: that leaves; see :meth:`AdditiveScore.gap_after`.
        blocks: residual blocks so far.
        parent: number of the label that it was made from, in the trail; -1 for the image.
        option: the block that was added, of the options of its slot.
        slot: number of that slot.
        bonus: what kernels add to the last term; at the turn only, where it is added to the score as the network leaves.
        hope: at most what a complete network that begins so can score, under the prices.
    """

    row: Ints
    score: Floats
    cost: Ints
    excess: Floats
    gap: Floats
    blocks: Ints
    parent: Ints
    option: Ints
    slot: Ints
    bonus: Floats
    hope: Floats

    def __len__(self) -> int:
        return len(self.row)

    def take(self, which: Ints | Bools) -> "Labels":
        """Return some of the labels."""
        return Labels(*(getattr(self, field.name)[which] for field in fields(self)))

    @staticmethod
    def join(parts: "list[Labels]") -> "Labels":
        """Return several together."""
        return Labels(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Labels)))


def undominated(labels: Labels, score: AdditiveScore) -> Bools:
    """Return which labels no other makes superfluous.

    One does that to another of the same width where, whatever follows, it costs no more and scores at least as high: its
    excess is no smaller, and its score is higher by all that a larger excess or a smaller gap can lose at the end.

    Args:
        labels: of one node, with the same layers left.
        score: says how much that is.
    """
    kept = np.ones(len(labels), bool)
    # Each excess above 0 but that of the image, which has no rival.
    lasting = np.log(np.maximum(labels.excess, 1e-300)) * score.slope_of_excess, np.log(labels.gap) * score.slope_of_gap
    # None makes one superfluous that comes before it in this order.
    order = np.lexsort((-labels.excess, -labels.score, labels.cost.sum(axis=1), labels.row))
    edges = np.flatnonzero(np.diff(labels.row[order])) + 1
    for same in np.split(order, edges):
        if len(same) > _STRONG:
            strong = np.sort(np.argsort(-labels.hope[same], kind="stable")[:_STRONG])
            same = same[_unrivalled(labels, same[strong], same, strong, lasting)]
        rest = same[_unrivalled(labels, same, same, np.arange(len(same)), lasting)]
        kept[same] = False
        kept[rest] = True
    return kept


def _unrivalled(labels: Labels, rivals: Ints, at: Ints, places: Ints, lasting: tuple[Floats, Floats]) -> Bools:
    """Return which of ``at`` no rival makes superfluous; only rivals that come before one in order can.

    Args:
        labels: all of them.
        rivals: some of ``at``.
        at: which are asked about, in order.
        places: of the rivals in ``at``.
        lasting: what the excess and the gap weigh at the end.
    """
    of_excess, of_gap = lasting
    free = np.ones(len(at), bool)
    for start in range(0, len(at), _TOGETHER):
        part = at[start : start + _TOGETHER]
        ahead = rivals[places < start + len(part)]
        before = places[: len(ahead), None] < np.arange(start, start + len(part))
        for cost in labels.cost.T:
            before &= cost[ahead][:, None] <= cost[part]
        before &= labels.excess[ahead][:, None] >= labels.excess[part]
        before &= labels.blocks[ahead][:, None] <= labels.blocks[part]
        lead = labels.score[ahead][:, None] - labels.score[part]
        before &= lead >= 0
        lead -= np.maximum(of_excess[ahead][:, None] - of_excess[part], 0)
        lead -= np.maximum(of_gap[part] - of_gap[ahead][:, None], 0)
        before &= lead >= 0
        free[start : start + len(part)] = ~before.any(axis=0)
    return free
