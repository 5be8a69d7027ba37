"""The last step of a search: the best of several searches, scored again by a second proxy."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from zen_lightning.arch import BaseArchitecture
from zen_lightning.proxy.base import CannotScoreError, Proxy, RankedProxy, Score
from zen_lightning.search.run import Candidate, SearchOutcome

if TYPE_CHECKING:
    from zen_lightning.tasks.search.predicted_latency import NetworkLatency


class Finalist(NamedTuple):
    """A candidate for the answer.

    Attributes:
        architecture: of the last population.
        search_score: by the proxy of the search.
        final_score: by the second proxy; None without one.
        latency: where a profile predicts it.
    """

    architecture: BaseArchitecture
    search_score: float
    final_score: Score | None = None
    latency: "NetworkLatency | None" = None


def best_distinct(outcomes: list[SearchOutcome], count: int, proxy: Proxy) -> list[Candidate]:
    """Return the best ``count`` distinct candidates of all searches, best first.

    Scores of a proxy that ranks within a set hold within one population: the candidates of several searches are ranked anew,
    among one another.

    Args:
        outcomes: of all searches.
        count: candidates to return, at most.
        proxy: of the searches.
    """
    distinct: dict[BaseArchitecture, Candidate] = {}
    for candidate in [candidate for outcome in outcomes for candidate in outcome.ranked]:
        distinct.setdefault(candidate.architecture, candidate)
    merged = list(distinct.values())
    if isinstance(proxy, RankedProxy) and len(outcomes) > 1:
        scores = proxy.combine([candidate.parts for candidate in merged])
        merged = [candidate._replace(score=score) for candidate, score in zip(merged, scores, strict=True)]
    return sorted(merged, key=lambda candidate: (-candidate.score, str(candidate.architecture)))[:count]


def rank_finalists(
    candidates: list[Candidate], proxy: Proxy, seed: int, notify: Callable[[Finalist], None]
) -> tuple[list[Finalist], list[str]]:
    """Score candidates by a second proxy, and return them best first, with the reasons of those it could not score.

    Args:
        candidates: the best of the search.
        proxy: the second opinion.
        seed: of its draws; the same for all, so that they are compared on the same images.
        notify: called with each as it is scored.
    """
    finalists, failures = [], []
    for candidate in candidates:
        try:
            score = proxy.score(candidate.architecture, seed)
        except CannotScoreError as error:
            failures.append(f"{candidate.architecture}: {error}")
            continue
        finalists.append(Finalist(candidate.architecture, candidate.score, score))
        notify(finalists[-1])
    finalists.sort(key=lambda finalist: (-(finalist.final_score or Score(0)).value, str(finalist.architecture)))
    return finalists, failures
