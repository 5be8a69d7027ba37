"""Partial rank correlation: what a score says of the accuracy beyond what the costs say already."""

from collections.abc import Sequence

import torch
from torch import Tensor

from zen_lightning.correlate.accuracies import LEAST
from zen_lightning.correlate.bootstrap import Estimate, centred_ranks, estimate, levels_of, resampled_counts

_NOTHING_LEFT = 1e-9
"""Share of a variance below which the others explain all of it: float64 leaves some 1e-12 by rounding."""


def partial_spearman(
    scores: Sequence[float],
    accuracies: Sequence[float],
    others: Sequence[Sequence[float]],
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Estimate | None:
    """Return Spearman's rho of scores and accuracies with the linear effect of other ranks taken out of both.

    With C the correlation matrix of all mid-ranks, z the others, and S = C[xy,xy] - C[xy,z] C[z,z]^-1 C[z,xy] what is left of
    the two: S[x,y] / sqrt(S[x,x] S[y,y]) (Whittaker, Graphical Models in Applied Multivariate Statistics, 1990, section 5.8).

    Args:
        scores: the score of each network, finite.
        accuracies: the accuracy of each network.
        others: what is taken out, one list each; those that are constant are left out.
        resamples: number of resamples of the bootstrap over networks; 0 gives no interval.
        level: level of confidence, between 0 and 1.
        seed: seed of the resamples.

    Returns:
        None where a side is constant, or nothing of it is left.

    Example:
        >>> size = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
        >>> str(partial_spearman([1.0, 3.0, 2.0, 5.0, 4.0, 6.0], [2.0, 1.0, 3.0, 4.0, 6.0, 5.0], [size], resamples=0))
        '-0.591'
    """
    varying = [values for values in others if len(set(values)) > 1]
    if len(scores) < LEAST + len(varying) or len(set(scores)) == 1 or len(set(accuracies)) == 1:
        return None
    levels = [levels_of(values) for values in (scores, accuracies, *varying)]
    found_r = torch.cat([_partial(levels, counts_rn) for counts_rn in resampled_counts(len(scores), resamples, seed)])
    return estimate(found_r, level) if found_r[0].isfinite() else None


def _partial(levels: Sequence[Tensor], counts_rn: Tensor) -> Tensor:
    ranks_rvn = torch.stack([centred_ranks(levels_n, counts_rn) for levels_n in levels], dim=1)
    covariance_rvw = torch.einsum("rn,rvn,rwn->rvw", counts_rn.double(), ranks_rvn, ranks_rvn)
    spread_rv = covariance_rvw.diagonal(dim1=1, dim2=2).sqrt()
    correlation_rvw = covariance_rvw / (spread_rv[:, :, None] * spread_rv[:, None, :])
    sound_r = correlation_rvw.isfinite().all(2).all(1)
    whole_svw = correlation_rvw[sound_r]
    with_others_s2z, others_szz = whole_svw[:, :2, 2:], whole_svw[:, 2:, 2:]
    explained_s22 = with_others_s2z @ torch.linalg.pinv(others_szz, hermitian=True) @ with_others_s2z.mT
    left_s22 = whole_svw[:, :2, :2] - explained_s22
    variances_s2 = left_s22.diagonal(dim1=1, dim2=2)
    variances_s2 = variances_s2.where(variances_s2 > _NOTHING_LEFT, torch.nan)
    found_r = torch.full((len(counts_rn),), torch.nan, dtype=torch.float64)
    found_r[sound_r] = left_s22[:, 0, 1] / variances_s2.prod(1).sqrt()
    return found_r
