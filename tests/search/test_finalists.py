"""The candidates of several searches, merged."""

from collections import Counter

from pool_proxies import Nap, Ranked
from zen_lightning.arch import Architecture
from zen_lightning.search.finalists import best_distinct
from zen_lightning.search.run import Candidate, SearchOutcome


def arch(width: int) -> Architecture:
    return Architecture.parse(f"SuperConvK3BNRELU(3,{width},1,1)")


def outcome(*candidates: Candidate) -> SearchOutcome:
    return SearchOutcome(0, list(candidates), [], [], 1, 1, Counter(), 1.0)


def test_the_best_of_all_searches_each_structure_once() -> None:
    first = outcome(Candidate(3.0, arch(8)), Candidate(1.0, arch(9)))
    second = outcome(Candidate(4.0, arch(10)), Candidate(3.0, arch(8)))
    best = best_distinct([first, second], 2, Nap())
    assert [(candidate.score, str(candidate.architecture)) for candidate in best] == [(4.0, str(arch(10))), (3.0, str(arch(8)))]
    assert len(best_distinct([first, second], 9, Nap())) == 3


def test_a_proxy_that_ranks_within_a_set_ranks_all_anew() -> None:
    # Alone in its population the worst of all had the highest score.
    poor = outcome(Candidate(99.0, arch(8), (0.0, 0.0)))
    rich = outcome(Candidate(2.0, arch(9), (2.0, 2.0)), Candidate(1.0, arch(10), (1.0, 1.0)))
    best = best_distinct([poor, rich], 3, Ranked())
    assert [candidate.parts for candidate in best] == [(2.0, 2.0), (1.0, 1.0), (0.0, 0.0)]
    assert [candidate.score for candidate in best] == [2.0, 4 / 3, 2 / 3]


def test_of_one_search_the_scores_of_its_population_stand() -> None:
    only = outcome(Candidate(1.7, arch(9), (2.0, 2.0)), Candidate(0.6, arch(10), (1.0, 1.0)))
    assert best_distinct([only], 2, Ranked()) == only.ranked
