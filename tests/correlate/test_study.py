"""From scores to results."""

from collections import Counter

from zen_lightning.correlate.rank_correlation import Estimate, RankCorrelation
from zen_lightning.correlate.scoring import ProxyScores
from zen_lightning.correlate.study import ProxyResult, best_first, correlated


def scores(*values: float | None) -> ProxyScores:
    return ProxyScores(list(values), 0.5, Counter())


def test_networks_without_a_score_are_left_out() -> None:
    found = correlated(scores(1, None, 2, 3, 4), [1.0, 99.0, 2.0, 4.0, 3.0], resamples=0, seed=0)
    assert found == correlated(scores(1, 2, 3, 4), [1.0, 2.0, 4.0, 3.0], resamples=0, seed=0)
    assert found.networks == 4
    assert correlated(scores(None, None), [1.0, 2.0], 0, 0) == RankCorrelation(0, None, None)


def test_the_best_comes_first_and_what_has_none_last() -> None:
    taus = {"none": None, "bad": -0.9, "good": 0.7, "fair": 0.2}
    results = [
        ProxyResult(name, {}, scores(), RankCorrelation(3, None if tau is None else Estimate(tau), None))
        for name, tau in taus.items()
    ]
    assert [result.label for result in best_first(results)] == ["good", "fair", "bad", "none"]
