"""The results of a correlation study, proxy by proxy."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from zen_lightning.correlate.banded_kendall import BandedKendall, banded_kendall
from zen_lightning.correlate.bands import Band
from zen_lightning.correlate.bootstrap import Estimate
from zen_lightning.correlate.partial import partial_spearman
from zen_lightning.correlate.rank_correlation import RankCorrelation, rank_correlation
from zen_lightning.correlate.regret import Regret, regret
from zen_lightning.correlate.scoring import ProxyScores


class Question(NamedTuple):
    """What a study computes for each proxy, beside the correlation over all networks.

    Attributes:
        bands: in which networks count as equal in cost; each is a question of its own.
        budgets: cost and bound of each budget for which the regret is asked.
        best: how many networks a score picks under a budget.
        resamples: number of resamples of each confidence interval.
        seed: seed of the resamples.
    """

    bands: Sequence[Band] = ()
    budgets: Sequence[tuple[str, float]] = ()
    best: int = 10
    resamples: int = 1000
    seed: int = 0

    @property
    def partial_costs(self) -> list[str]:
        """The costs of all bands, which the partial correlation takes out."""
        return list(dict.fromkeys(width.cost for band in self.bands for width in band.widths))

    @property
    def costs(self) -> list[str]:
        """All costs that are needed."""
        return list(dict.fromkeys([*self.partial_costs, *(cost for cost, _ in self.budgets)]))


class Findings(NamedTuple):
    """How the scores of a proxy relate to the accuracies.

    Attributes:
        overall: over all networks that have a score.
        within: at equal cost, one for each band.
        partial: Spearman's rho beyond what the costs of the bands say; None without bands, or where nothing is left.
        regrets: one for each budget; None where too few networks lie under it.
    """

    overall: RankCorrelation
    within: Sequence[BandedKendall] = ()
    partial: Estimate | None = None
    regrets: Sequence[Regret | None] = ()


class ProxyResult(NamedTuple):
    """The result of one proxy.

    Attributes:
        label: label of the proxy.
        settings: its class and arguments.
        scores: its scores of the sample.
        findings: over the networks that it could score.
        is_part: whether it is a part of a ranked proxy, which has a result of its own.
    """

    label: str
    settings: dict[str, Any]
    scores: ProxyScores
    findings: Findings
    is_part: bool = False

    @property
    def correlation(self) -> RankCorrelation:
        """With the accuracies, over all networks that have a score."""
        return self.findings.overall


def examined(
    scores: ProxyScores, accuracies: Sequence[float], costs: Mapping[str, Sequence[float]], question: Question
) -> Findings:
    """Return what a study asks, over the networks that have a score.

    Args:
        scores: the scores of the networks.
        accuracies: the accuracy of each network.
        costs: the costs of each network, by name; all of ``question.costs``.
        question: what is asked.
    """
    scored = [index for index, score in enumerate(scores.values) if score is not None]
    x = [score for score in scores.values if score is not None]
    y = [accuracies[index] for index in scored]
    cost = {name: [values[index] for index in scored] for name, values in costs.items()}
    how = {"resamples": question.resamples, "seed": question.seed}
    others = [cost[name] for name in question.partial_costs]
    return Findings(
        overall=rank_correlation(x, y, **how),
        within=[banded_kendall(x, y, band, [cost[width.cost] for width in band.widths], **how) for band in question.bands],
        partial=partial_spearman(x, y, others, **how) if others else None,
        regrets=[regret(x, y, cost[name], name, bound, question.best, **how) for name, bound in question.budgets],
    )


def best_first(results: Sequence[ProxyResult]) -> list[ProxyResult]:
    """Return results by Kendall's tau over all networks, those without a correlation last."""
    return sorted(results, key=lambda result: -(result.correlation.kendall.value if result.correlation.kendall else -2.0))
