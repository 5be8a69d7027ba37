"""Regret: the accuracy that is lost under a budget by choosing networks by a score."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

import torch
from torch import Tensor

from zen_lightning.correlate.bootstrap import Estimate, estimate

SHARE = 0.85
"""Networks between this share of a budget and the budget count as those that it buys. A choice: the answers of searches lie
there, and enough known networks are left to choose among."""


class Regret(NamedTuple):
    """The accuracy of the networks that a score picks under a budget.

    Attributes:
        cost: name of the cost that is bounded.
        budget: the bound on the cost.
        networks: number of networks that cost 85 to 100% of it.
        best: how many of them the score picks.
        mean: accuracy of all of them, the mean.
        reached: accuracy of those that the score picks, the mean.
        possible: accuracy of as many that are best, the mean.
        share: of the possible gain over the mean that is reached: 1 for a perfect score, 0 for a draw at random. None where all
            networks are alike.
    """

    cost: str
    budget: float
    networks: int
    best: int
    mean: float
    reached: float
    possible: float
    share: Estimate | None

    @property
    def regret(self) -> float:
        """Accuracy that the score loses against the best."""
        return self.possible - self.reached


def regret(
    scores: Sequence[float],
    accuracies: Sequence[float],
    costs: Sequence[float],
    cost: str,
    budget: float,
    best: int = 10,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Regret | None:
    """Return what the ``best`` networks by score reach among those that cost 85 to 100% of a budget.

    Equal scores are put in an order that the seed draws.

    Args:
        scores: the score of each network, finite.
        accuracies: the accuracy of each network.
        costs: the cost of each network.
        cost: name of the cost.
        budget: the bound on it.
        best: how many networks the score picks.
        resamples: number of resamples of the bootstrap over the networks within the budget.
        level: level of confidence, between 0 and 1.
        seed: seed of the resamples, and of the order of equal scores.

    Returns:
        None where fewer than twice ``best`` networks lie there: there would be little to choose.

    Example:
        >>> found = regret([3.0, 1.0, 2.0, 0.0], [70.0, 72.0, 71.0, 67.0], [90.0] * 4, "flops", 100.0, best=1, resamples=0)
        >>> found.mean, found.reached, found.possible, str(found.share)
        (70.0, 70.0, 72.0, '0.000')
    """
    inside = [index for index, value in enumerate(costs) if SHARE * budget <= value <= budget]
    if best < 1 or len(inside) < 2 * best:
        return None
    Random(f"{seed}/ties").shuffle(inside)
    scores_n, accuracies_n = (torch.tensor([values[i] for i in inside], dtype=torch.float64) for values in (scores, accuracies))
    size = len(inside)
    whole = _gains(scores_n[None], accuracies_n[None], best)
    generator = torch.Generator().manual_seed(Random(f"{seed}/bootstrap").getrandbits(63))
    drawn_rn = torch.randint(size, (resamples, size), generator=generator)
    again = _gains(scores_n[drawn_rn], accuracies_n[drawn_rn], best)
    mean_r, reached_r, possible_r = torch.cat((whole, again), dim=1)
    share_r = (reached_r - mean_r) / (possible_r - mean_r)
    share = estimate(share_r, level, least=float("-inf")) if share_r[0].isfinite() else None
    return Regret(cost, budget, size, best, float(mean_r[0]), float(reached_r[0]), float(possible_r[0]), share)


def _gains(scores_rn: Tensor, accuracies_rn: Tensor, best: int) -> Tensor:
    """Return the mean accuracy of all, of the best by score, and of the best, of each resample."""
    picked_rb = scores_rn.argsort(dim=1, descending=True, stable=True)[:, :best]
    reached_r = accuracies_rn.gather(1, picked_rb).mean(1)
    possible_r = accuracies_rn.topk(best, dim=1).values.mean(1)
    return torch.stack((accuracies_rn.mean(1), reached_r, possible_r))
