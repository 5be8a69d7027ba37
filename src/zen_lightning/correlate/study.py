"""What a correlation study found, proxy by proxy."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from zen_lightning.correlate.rank_correlation import RankCorrelation, rank_correlation
from zen_lightning.correlate.scoring import ProxyScores


class ProxyResult(NamedTuple):
    """What was found of one proxy.

    Attributes:
        label: of the proxy.
        settings: its class and arguments.
        scores: of the sample.
        correlation: with the accuracies, over the networks that it could score.
        is_part: whether it is a part of a ranked proxy, which has a result of its own.
    """

    label: str
    settings: dict[str, Any]
    scores: ProxyScores
    correlation: RankCorrelation
    is_part: bool = False


def correlated(scores: ProxyScores, accuracies: Sequence[float], resamples: int, seed: int) -> RankCorrelation:
    """Return the rank correlation over the networks that have a score."""
    pairs = [(score, accuracy) for score, accuracy in zip(scores.values, accuracies, strict=True) if score is not None]
    return rank_correlation([score for score, _ in pairs], [accuracy for _, accuracy in pairs], resamples, seed=seed)


def best_first(results: Sequence[ProxyResult]) -> list[ProxyResult]:
    """Return results by Kendall's tau, those without a correlation last."""
    return sorted(results, key=lambda result: -(result.correlation.kendall.value if result.correlation.kendall else -2.0))
