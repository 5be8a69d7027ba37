"""The last step of a search: the best of several searches, re-scored by a second proxy."""

import time
from collections.abc import Callable
from typing import NamedTuple

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget.network_latency import NetworkLatency
from zen_lightning.proxy.base import CannotScoreError, Proxy, RankedProxy, Score
from zen_lightning.search.ahead import Ahead
from zen_lightning.search.events import Say
from zen_lightning.search.run import Candidate, SearchOutcome
from zen_lightning.system.numbers import score_text


class Finalist(NamedTuple):
    """A candidate for the answer.

    Attributes:
        architecture: of the last population.
        search_score: by the proxy of the search.
        final_score: by the second proxy; None without one.
        latency: where a profile predicts it.
        seconds: that its second score took; None without one.
    """

    architecture: BaseArchitecture
    search_score: float
    final_score: Score | None = None
    latency: NetworkLatency | None = None
    seconds: float | None = None

    @property
    def score(self) -> float:
        """The score that counts: that of the second proxy, where there is one."""
        return self.search_score if self.final_score is None else self.final_score.value


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


def score_by(proxy: Proxy, architecture: BaseArchitecture, seed: int) -> Score:
    """Return the score of a network by a proxy."""
    return proxy.score(architecture, seed)


def choose_finalists(
    candidates: list[Candidate], first: Proxy, second: Proxy | None, seed: int, say: Say, ahead: Ahead | None = None
) -> list[Finalist]:
    """Return candidates in the order of a second proxy; in their own without one, or where it can score none of them.

    Args:
        candidates: the best of the search, best first.
        first: the proxy of the search.
        second: re-scores them.
        seed: of its draws.
        say: is told what is done.
        ahead: the process that scores; None: this one.
    """
    plain = [Finalist(candidate.architecture, candidate.score) for candidate in candidates]
    if second is None:
        return plain
    say(f"re-scoring the {f'{len(candidates)} ' if len(candidates) > 1 else ''}best by {second.title}")

    def tell(finalist: Finalist) -> None:
        say(f"  {first.title} {score_text(finalist.search_score)}, {second.title} {finalist.final_score}")

    ranked, failures = rank_finalists(candidates, second, seed, tell, ahead)
    for failure in failures:
        say(f"cannot re-score a finalist: {failure}")
    if not ranked:
        say("no finalist could be re-scored: the answer is the best of the search")
    return ranked or plain


def rank_finalists(
    candidates: list[Candidate],
    proxy: Proxy,
    seed: int,
    tell: Callable[[Finalist], None] | None = None,
    ahead: Ahead | None = None,
) -> tuple[list[Finalist], list[str]]:
    """Score candidates by a second proxy, and return them best first, with the reasons of those it could not score.

    Args:
        candidates: the best of the search.
        proxy: the second opinion.
        seed: of its draws; the same for all, so that they are compared on the same images.
        tell: is told each finalist as it is scored.
        ahead: the process that scores; None: this one.
    """
    call = (ahead or Ahead([], process=False)).call
    finalists, failures = [], []
    for candidate in candidates:
        began = time.perf_counter()
        try:
            score = call(score_by, proxy, candidate.architecture, seed)
        except CannotScoreError as error:
            failures.append(f"{candidate.architecture}: {error}")
            continue
        seconds = time.perf_counter() - began
        finalists.append(Finalist(candidate.architecture, candidate.score, score, seconds=seconds))
        if tell is not None:
            tell(finalists[-1])
    finalists.sort(key=lambda finalist: (-finalist.score, str(finalist.architecture)))
    return finalists, failures
