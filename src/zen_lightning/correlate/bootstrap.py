"""The bootstrap over networks that every statistic of a study shares: percentile intervals from how often each was drawn."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import NamedTuple

import torch
from torch import Tensor

CELLS = 2**22
"""Numbers that a chunk holds at a time: 16 MB of float32, 32 MB of float64. A choice: small beside any machine's memory."""


class Estimate(NamedTuple):
    """A statistic with its confidence interval.

    Attributes:
        value: its value on the networks as they are.
        low: lower end of the confidence interval; None without a bootstrap.
        high: upper end.
    """

    value: float
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        return f"{self.value:.3f}" + (f" [{self.low:.2f}, {self.high:.2f}]" if self.low is not None else "")


def resampled_counts(size: int, resamples: int, seed: int) -> Iterator[Tensor]:
    """Yield how often each network is drawn, shape (resamples, networks), in chunks; the first is the networks as they are.

    Lists of one length are resampled alike, so that proxies are compared on the same networks.

    Args:
        size: networks.
        resamples: number of resamples of the bootstrap; percentile intervals usually have 1,000.
        seed: seed of the random numbers.

    Example:
        >>> first, second = resampled_counts(4, resamples=2, seed=0)
        >>> first.tolist(), second.sum(1).tolist()
        ([[1.0, 1.0, 1.0, 1.0]], [4.0, 4.0])
    """
    yield torch.ones(1, size)
    generator = torch.Generator().manual_seed(Random(f"{seed}/bootstrap").getrandbits(63))
    chunk = max(1, CELLS // size)
    for start in range(0, resamples, chunk):
        rows = min(chunk, resamples - start)
        drawn = torch.randint(size, (rows, size), generator=generator)
        yield torch.zeros(rows, size).scatter_add_(1, drawn, torch.ones(1).expand(rows, size))


def estimate(values_r: Tensor, level: float, least: float = -1.0, most: float = 1.0) -> Estimate:
    """Return the statistic of the networks as they are, with the percentile interval of the resamples.

    Args:
        values_r: the statistic of the networks as they are, then of each resample; resamples that are not finite have none.
        level: level of confidence, between 0 and 1.
        least: the lowest value that the statistic can have; what rounding puts below it is set to it.
        most: the highest.
    """
    value, drawn = float(values_r[0].clamp(least, most)), values_r[1:]
    drawn = drawn[drawn.isfinite()].clamp(least, most).double()
    if not len(drawn):
        return Estimate(value)
    low, high = torch.quantile(drawn, torch.tensor([(1 - level) / 2, (1 + level) / 2], dtype=torch.float64)).tolist()
    return Estimate(value, low, high)


def levels_of(values: Sequence[float]) -> Tensor:
    """Return which of the distinct values, ascending, each one is: all that ranks depend on."""
    levels_n: Tensor = torch.unique(torch.tensor(values, dtype=torch.float64), return_inverse=True)[1]
    return levels_n


def per_level(levels_n: Tensor, counts_rn: Tensor) -> Tensor:
    """Return how many networks of each resample have each level, shape (resamples, levels), float64."""
    levels = int(levels_n.max()) + 1
    return torch.zeros(len(counts_rn), levels, dtype=torch.float64).index_add_(1, levels_n, counts_rn.double())


def centred_ranks(levels_n: Tensor, counts_rn: Tensor) -> Tensor:
    """Return the mid-rank of each network in each resample, less the mean rank."""
    per_level_rk = per_level(levels_n, counts_rn)
    ranks_rk = per_level_rk.cumsum(1) - per_level_rk / 2 - counts_rn.shape[1] / 2
    return ranks_rk[:, levels_n]
