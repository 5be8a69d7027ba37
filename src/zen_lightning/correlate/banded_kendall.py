"""Kendall's tau-b over the pairs of networks that cost the same: what a search under a budget asks of a score."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from zen_lightning.correlate.bands import Band, Pairs
from zen_lightning.correlate.bootstrap import CELLS, Estimate, estimate, levels_of, resampled_counts


class BandedKendall(NamedTuple):
    """How well scores rank networks of equal cost.

    Attributes:
        band: what counts as equal.
        pairs: number of pairs of networks within it.
        kendall: tau-b over these pairs; None where all of them are tied on a side.
    """

    band: Band
    pairs: int
    kendall: Estimate | None


def banded_kendall(
    scores: Sequence[float],
    accuracies: Sequence[float],
    band: Band,
    costs: Sequence[Sequence[float]],
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> BandedKendall:
    """Return Kendall's tau-b over the pairs within a band, with a percentile interval of a bootstrap over the networks.

    With s and a the signs of the differences in score and accuracy: the sum of s a over the pairs, divided by the root of the
    number of pairs that differ in score times that of pairs that differ in accuracy. A resample draws networks, not pairs, as
    the pairs of one network are not independent of each other.

    Args:
        scores: the score of each network, finite.
        accuracies: the accuracy of each network.
        band: what counts as equal.
        costs: the costs of each network, one list for each width of the band.
        resamples: number of resamples of the bootstrap; 0 gives no interval.
        level: level of confidence, between 0 and 1.
        seed: seed of the resamples.

    Example:
        >>> costs = [[100.0, 105.0, 200.0, 205.0]]
        >>> band = Band.of({"flops": "10%"})
        >>> found = banded_kendall([1.0, 2.0, 1.0, 0.0], [10.0, 20.0, 30.0, 40.0], band, costs, resamples=0)
        >>> found.pairs, str(found.kendall)
        (2, '0.000')
    """
    if not scores:
        return BandedKendall(band, 0, None)
    pairs = Pairs(band, costs)
    x_n, y_n = (levels_of(values)[pairs.order_n].float() for values in (scores, accuracies))
    chunks = pairs.chunks(CELLS)
    found = []
    for counts_rn in resampled_counts(len(scores), resamples, seed):
        found.append(_sums(x_n, y_n, pairs, chunks, counts_rn[:, pairs.order_n]))
    agreement_r, untied_x_r, untied_y_r = torch.cat(found, dim=1)
    tau_r = agreement_r / (untied_x_r * untied_y_r).sqrt()
    count = sum(int(pairs.within(*chunk).sum()) for chunk in chunks)
    return BandedKendall(band, count, estimate(tau_r, level) if tau_r[0].isfinite() else None)


def _sums(x_n: Tensor, y_n: Tensor, pairs: Pairs, chunks: Sequence[tuple[int, int, int]], counts_rn: Tensor) -> Tensor:
    """Return, of each resample: agreement less disagreement, pairs that differ in score, and in accuracy.

    Sums of whole numbers below 2**24 are exact in float32.
    """
    sums = torch.zeros(3, len(counts_rn), dtype=torch.float64)
    for start, stop, last in chunks:
        near_mn = pairs.within(start, stop, last)
        x_mn, y_mn = ((values[start:stop, None] - values[start:last]).sign_() for values in (x_n, y_n))
        left_rm, right_rn = counts_rn[:, start:stop].double(), counts_rn[:, start:last]
        for row, weight_mn in enumerate((near_mn * x_mn * y_mn, near_mn * x_mn.abs(), near_mn * y_mn.abs())):
            sums[row] += (left_rm * (right_rn @ weight_mn.T)).sum(1)
    return sums
