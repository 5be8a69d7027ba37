"""Scoring networks by proxies, with a record that can be resumed."""

import itertools
import math
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, NamedTuple, cast

from zen_lightning.correlate.named import ByName, NamedNetwork, Network
from zen_lightning.correlate.record import ScoreRecord
from zen_lightning.proxy.base import Proxy, RankedProxy, Scorable
from zen_lightning.search.pool import Outcome, Pool

_AHEAD = 4
"""Scores submitted for each worker. A choice: none is idle while results are recorded, and few are lost by a kill."""


class NamedProxy(NamedTuple):
    """A proxy as a user asked for it.

    Attributes:
        label: name, with the arguments that were given; unique among the proxies of a run.
        proxy: the object.
        settings: class and arguments.
    """

    label: str
    proxy: Proxy
    settings: dict[str, Any]


class ProxyScores(NamedTuple):
    """The scores of a proxy on a list of networks.

    Attributes:
        values: the score of each network; None where there is none.
        seconds: median time of a score; None without any.
        failures: reasons why networks could not be scored, with their counts.
    """

    values: list[float | None]
    seconds: float | None
    failures: Counter[str]


class Scored(NamedTuple):
    """How far the scoring of a study is.

    Attributes:
        done: scores that there are, those of earlier runs among them.
        total: scores in all.
        resumed: of earlier runs.
    """

    done: int
    total: int
    resumed: int


def pool_proxies(proxies: Sequence[NamedProxy], architectures: Sequence[Network]) -> list[Proxy]:
    """Return the proxies as a pool needs them to score these networks."""
    if any(isinstance(architecture, NamedNetwork) for architecture in architectures):
        return [ByName(proxy.proxy) for proxy in proxies]
    return [proxy.proxy for proxy in proxies]


def score_missing(
    pool: Pool,
    proxies: Sequence[NamedProxy],
    architectures: Sequence[Network],
    record: ScoreRecord,
    notify: Callable[[], None],
) -> None:
    """Score what the record does not hold yet, network by network, and add it.

    Args:
        pool: scores the networks; its proxies are these, in this order, as :func:`pool_proxies` gives them.
        proxies: proxies that have joined the record.
        architectures: the networks, all distinct.
        record: the record to complete.
        notify: called after each score.
    """
    missing = (
        (architecture, which)
        for architecture in architectures
        for which, proxy in enumerate(proxies)
        if record.get(str(architecture), proxy.label) is None
    )
    tickets: dict[int, tuple[Network, int]] = {}

    def submit(count: int) -> None:
        for architecture, which in itertools.islice(missing, count):
            # Where there are names, the pool's proxies are ByName.
            tickets[pool.submit(cast(Scorable, architecture), which)] = architecture, which

    submit(_AHEAD * pool.slots)
    for ticket, outcome in pool.finished():
        architecture, which = tickets.pop(ticket)
        record.add(str(architecture), proxies[which].label, _finite(outcome))
        notify()
        submit(1)


def collect_scores(proxy: NamedProxy, architectures: Sequence[Network], record: ScoreRecord) -> ProxyScores:
    """Return what the record holds of a proxy for these networks; a ranked proxy ranks them among themselves."""
    outcomes = [record.get(str(architecture), proxy.label) for architecture in architectures]
    return combined(proxy.proxy, outcomes)


def collect_parts(proxy: NamedProxy, architectures: Sequence[Network], record: ScoreRecord) -> list[tuple[str, ProxyScores]]:
    """Return the name and the values of each part of a ranked proxy, as if it were a proxy of its own; none for any other."""
    names = proxy.proxy.part_names if isinstance(proxy.proxy, RankedProxy) else ()
    outcomes = [record.get(str(architecture), proxy.label) for architecture in architectures]
    parts = [outcome.score.parts if outcome is not None and outcome.score is not None else None for outcome in outcomes]
    whole = combined(proxy.proxy, outcomes)
    return [
        (name, whole._replace(values=[None if part is None else part[index] for part in parts]))
        for index, name in enumerate(names)
        if all(part is None or len(part) == len(names) for part in parts)
    ]


def combined(proxy: Proxy, outcomes: Sequence[Outcome | None]) -> ProxyScores:
    """Return the scores of a set of networks, those of a ranked proxy within the set; None stands for one not tried."""
    tried = [outcome for outcome in outcomes if outcome is not None]
    scores = [outcome.score for outcome in tried if outcome.score is not None]
    found = proxy.combine([score.parts for score in scores]) if isinstance(proxy, RankedProxy) and scores else None
    within = iter(found if found is not None else [score.value for score in scores])
    return ProxyScores(
        values=[next(within) if outcome is not None and outcome.score is not None else None for outcome in outcomes],
        seconds=median(outcome.seconds for outcome in tried if outcome.score is not None) if scores else None,
        failures=Counter(outcome.error for outcome in tried if outcome.score is None),
    )


def _finite(outcome: Outcome) -> Outcome:
    """Return the outcome, without a score that no rank can be given to."""
    score = outcome.score
    if score is None or all(map(math.isfinite, (score.value, *score.parts))):
        return outcome
    return Outcome(None, outcome.seconds, f"the score is {score.value}: not a finite number")
