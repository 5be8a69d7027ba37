"""From scores to results."""

from collections import Counter

from zen_lightning.correlate.bands import Band
from zen_lightning.correlate.bootstrap import Estimate
from zen_lightning.correlate.rank_correlation import RankCorrelation
from zen_lightning.correlate.scoring import ProxyScores
from zen_lightning.correlate.study import Findings, ProxyResult, Question, best_first, examined


def scores(*values: float | None) -> ProxyScores:
    return ProxyScores(list(values), 0.5, Counter())


def test_networks_without_a_score_are_left_out() -> None:
    costs = {"flops": [100.0, 5.0, 101.0, 500.0, 501.0]}
    asked = Question([Band.of({"flops": "10%"})], [("flops", 510.0)], best=1, resamples=0)
    found = examined(scores(1, None, 2, 3, 4), [1.0, 99.0, 2.0, 4.0, 3.0], costs, asked)
    assert found == examined(scores(1, 2, 3, 4), [1.0, 2.0, 4.0, 3.0], {"flops": [100.0, 101.0, 500.0, 501.0]}, asked)
    assert found.overall.networks == 4
    assert (found.within[0].pairs, found.within[0].kendall) == (2, Estimate(0.0))
    assert found.regrets[0] is not None
    assert (found.regrets[0].reached, found.regrets[0].possible, found.regrets[0].regret) == (3.0, 4.0, 1.0)
    assert found.partial is None  # The scores rank as the costs do: nothing is left.


def test_no_score_at_all_has_no_findings() -> None:
    asked = Question([Band.of({"flops": "10%"})], [("flops", 5.0)], resamples=0)
    found = examined(scores(None, None), [1.0, 2.0], {"flops": [5.0, 5.0]}, asked)
    assert found.overall == RankCorrelation(0, None, None)
    assert (found.within[0].pairs, found.within[0].kendall, found.partial, found.regrets) == (0, None, None, [None])


def test_the_best_comes_first_and_what_has_none_last() -> None:
    taus = {"none": None, "bad": -0.9, "good": 0.7, "fair": 0.2}
    results = [
        ProxyResult(name, {}, scores(), Findings(RankCorrelation(3, None if tau is None else Estimate(tau), None)))
        for name, tau in taus.items()
    ]
    assert [result.label for result in best_first(results)] == ["good", "fair", "bad", "none"]
