"""A correlation study: what is asked, and what was found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zen_lightning import __version__
from zen_lightning.correlate.accuracies import Accuracies
from zen_lightning.correlate.record import ScoreRecord
from zen_lightning.correlate.scoring import NamedProxy, Scored, collect_parts, collect_scores, pool_proxies, score_missing
from zen_lightning.correlate.study import ProxyResult, Question, best_first, examined
from zen_lightning.runs.names import SCORES
from zen_lightning.search.open_pool import open_pool
from zen_lightning.system.brief import brief


@dataclass(frozen=True)
class StudyPlan:
    """What a study asks.

    Attributes:
        known: all accuracies that were given.
        sample: networks that are scored; the effect of ``given`` is taken out of their accuracies.
        proxies: that score them.
        question: what is computed for each proxy.
        costs: of the networks, by name; all of ``question.costs``.
        given: columns and costs whose effect was taken out.
        resolution: at which costs were counted.
        num_classes: with which they were counted.
    """

    known: Accuracies
    sample: Accuracies
    proxies: Sequence[NamedProxy]
    question: Question
    costs: Mapping[str, list[float]]
    given: Sequence[str]
    resolution: int
    num_classes: int


@dataclass(frozen=True)
class Study:
    """How well proxies rank networks of known accuracy.

    Attributes:
        plan: what was asked.
        results: of each proxy and each part of a proxy that ranks: its scores, correlations with intervals, correlations at
            equal cost, regrets; the highest Kendall's tau first.
        folder: that holds the files; None where none was asked for.
    """

    plan: StudyPlan
    results: list[ProxyResult]
    folder: Path | None = None

    def __getitem__(self, label: str) -> ProxyResult:
        """Return the result of a proxy by its label, such as ``naswot batch_size=32``."""
        return next(result for result in self.results if result.label == label)

    def __repr__(self) -> str:
        found = {one.label: one.correlation.kendall and one.correlation.kendall.value for one in self.results}
        return brief(self, networks=len(self.plan.known.architectures), kendall=found, folder=self.folder)

    @property
    def kendall(self) -> float:
        """The highest of Kendall's tau over all networks; 0 where no proxy has one."""
        best = self.results[0].correlation.kendall
        return best.value if best is not None else 0.0


def run_study(
    plan: StudyPlan,
    folder: Path,
    *,
    workers: int | str = 1,
    device: str = "cpu",
    threads: int | None = None,
    notify: Callable[[Scored], Any] = lambda scored: None,
) -> list[ProxyResult]:
    """Score what ``scores.jsonl`` of a folder does not hold yet, and return the results, best first.

    Args:
        plan: what is asked.
        folder: of the record, which is made or continued.
        workers: processes that score; ``auto``: one for each GPU or core; ``ray``: a cluster.
        device: of torch.
        threads: of torch in each process that scores; None: its own choice with one worker, 1 with more.
        notify: called before the first score and after each.

    Raises:
        UserError: the folder holds scores of something else.
    """
    sample, seed = plan.sample, plan.question.seed
    identity = {"version": __version__, "accuracies": f"sha256 {sample.sha256}", "seed": seed}
    with ScoreRecord(folder / SCORES, identity) as record:
        for proxy in plan.proxies:
            record.join(proxy.label, proxy.settings)
        resumed = sum(
            record.get(str(network), proxy.label) is not None for network in sample.architectures for proxy in plan.proxies
        )
        progress = Scored(resumed, len(plan.proxies) * len(sample.values), resumed)
        notify(progress)

        def scored() -> None:
            nonlocal progress
            progress = progress._replace(done=progress.done + 1)
            notify(progress)

        with open_pool(pool_proxies(plan.proxies, sample.architectures), seed, workers, device, threads) as pool:
            score_missing(pool, plan.proxies, sample.architectures, record, scored)
        return best_first([result for proxy in plan.proxies for result in _results(proxy, plan, record)])


def _results(proxy: NamedProxy, plan: StudyPlan, record: ScoreRecord) -> list[ProxyResult]:
    """Return the result of a proxy, and of each of its parts."""
    whole = collect_scores(proxy, plan.sample.architectures, record)
    parts = collect_parts(proxy, plan.sample.architectures, record)
    return [
        ProxyResult(
            f"{proxy.label}: {part}" if part else proxy.label,
            proxy.settings,
            scores,
            examined(scores, plan.sample.values, plan.costs, plan.question),
            bool(part),
        )
        for part, scores in [("", whole), *parts]
    ]
