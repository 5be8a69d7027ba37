"""Spearman's rho and Kendall's tau-b, with bootstrap confidence intervals."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from zen_lightning.correlate.accuracies import LEAST
from zen_lightning.correlate.bootstrap import (
    CELLS,
    Estimate,
    centred_ranks,
    estimate,
    levels_of,
    per_level,
    resampled_counts,
)


class RankCorrelation(NamedTuple):
    """How well scores rank networks.

    Attributes:
        networks: how many.
        kendall: tau-b, which corrects for ties; None where one of the two sides is constant.
        spearman: rho of mid-ranks; likewise.
    """

    networks: int
    kendall: Estimate | None
    spearman: Estimate | None


def rank_correlation(
    scores: Sequence[float], accuracies: Sequence[float], resamples: int = 1000, level: float = 0.95, seed: int = 0
) -> RankCorrelation:
    """Return both rank correlations, with percentile intervals of a bootstrap over the networks.

    A resample draws as many networks, with replacement. It is given by how often each was drawn, and both correlations are
    worked out from these counts, exactly and for many resamples at once. Resamples in which a side is constant have no
    correlation and are left out.

    Args:
        scores: the score of each network, finite.
        accuracies: the accuracy of each network.
        resamples: number of resamples of the bootstrap; 0 gives no intervals.
        level: level of confidence, between 0 and 1.
        seed: seed of the resamples; lists of one length are resampled alike, so that proxies are compared on the same networks.

    Example:
        >>> found = rank_correlation([1.0, 2.0, 3.0, 4.0], [10.0, 30.0, 20.0, 40.0], resamples=0)
        >>> f"{found.kendall} {found.spearman}"
        '0.667 0.800'
    """
    size = len(scores)
    if size < LEAST or len(set(scores)) == 1 or len(set(accuracies)) == 1:
        return RankCorrelation(size, None, None)
    x_n, y_n = levels_of(scores), levels_of(accuracies)
    kendall, spearman = [], []
    for counts_rn in resampled_counts(size, resamples, seed):
        kendall.append(_kendall(x_n, y_n, counts_rn))
        spearman.append(_spearman(x_n, y_n, counts_rn))
    return RankCorrelation(size, *(estimate(torch.cat(parts), level) for parts in (kendall, spearman)))


def _kendall(x_n: Tensor, y_n: Tensor, counts_rn: Tensor) -> Tensor:
    """Return tau-b of each resample.

    With w the counts and S the signs of the differences: w'(Sx Sy)w / sqrt(w'|Sx|w w'|Sy|w). Entries of (Sx Sy)w are whole
    numbers, at most twice the number of networks, so float32 has them exactly.
    """
    size = len(x_n)
    agreement_r = torch.zeros(len(counts_rn), dtype=torch.float64)
    chunk = max(1, CELLS // size)
    for start in range(0, size, chunk):
        stop = start + chunk
        signs_mn = _signs(x_n, start, stop).mul_(_signs(y_n, start, stop))
        signs_mn[:, chunk:] *= 2  # The pairs below the diagonal, which are the same, are not visited.
        agreement_r += (counts_rn[:, start:stop].double() * (counts_rn[:, start:] @ signs_mn.T)).sum(1)
    return agreement_r / (_untied(x_n, counts_rn) * _untied(y_n, counts_rn)).sqrt()


def _signs(levels_n: Tensor, start: int, stop: int) -> Tensor:
    """Return the signs of the differences between some networks and all from the first of them on."""
    levels_n = levels_n.float()
    return (levels_n[start:stop, None] - levels_n[start:]).sign_()


def _untied(levels_n: Tensor, counts_rn: Tensor) -> Tensor:
    """Return the ordered pairs of each resample that differ in level."""
    return counts_rn.shape[1] ** 2 - per_level(levels_n, counts_rn).square().sum(1)


def _spearman(x_n: Tensor, y_n: Tensor, counts_rn: Tensor) -> Tensor:
    """Return the correlation of the mid-ranks of each resample."""
    x_rn, y_rn = (centred_ranks(levels_n, counts_rn) for levels_n in (x_n, y_n))
    spread_x, spread_y = ((counts_rn * ranks_rn.square()).sum(1) for ranks_rn in (x_rn, y_rn))
    return (counts_rn * x_rn * y_rn).sum(1) / (spread_x * spread_y).sqrt()
