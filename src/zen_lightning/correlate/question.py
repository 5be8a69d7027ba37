"""What a study asks at equal cost, from plain values."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from zen_lightning.budget import parse_count
from zen_lightning.correlate.accuracies import Accuracies
from zen_lightning.correlate.bands import Band
from zen_lightning.correlate.covariates import costs_of, without_effect
from zen_lightning.correlate.study import Question
from zen_lightning.errors import UserError, keyed

DEFAULT = {"flops": "10%"}
"""What counts as equal unless ``within`` says otherwise: the band by which docs/proxies.md compares proxies."""

_QUARTILES = 4
"""A choice: the regret at three budgets says how it changes with the cost, and a quarter of the networks lies below each."""


def read_question(
    sample: Accuracies,
    resolution: int,
    num_classes: int,
    *,
    within: Any = None,
    budgets: Any = None,
    best: int = 10,
    bootstrap: int = 1000,
    seed: int = 0,
) -> tuple[Question, dict[str, list[float]]]:
    """Return what is asked, and the costs of the sample that this takes.

    Args:
        sample: the networks.
        resolution: at which their costs are counted.
        num_classes: with which they are counted.
        within: which networks cost the same: ``{"flops": "10%"}``, or a list of such; None: that one; ``[]``: none.
        budgets: where the regret is asked: ``{"flops": ["300M", 4e8]}``; None: the quartiles of the first cost of ``within``.
        best: networks that a score picks under a budget.
        bootstrap: resamples of each confidence interval; 0: none.
        seed: of these.

    Raises:
        UserError: a value that cannot be read, or a cost that there is not.
    """
    bands = _bands(within)
    bounds = _bounds(budgets)
    if not isinstance(best, int) or best < 1:
        raise UserError(key="best", value=best, expected="how many networks are picked, 1 or more")
    if not isinstance(bootstrap, int) or bootstrap < 0:
        raise UserError(key="bootstrap", value=bootstrap, expected="a number of resamples, or 0 for no intervals")
    question = Question(bands, bounds or [], best, bootstrap, seed)
    asked = {"within": question.partial_costs, "budgets": [cost for cost, _ in question.budgets]}
    costs = {
        name: values
        for key, names in asked.items()
        for name, values in _costs(names, sample, resolution, num_classes, key).items()
    }
    if bounds is None and bands:
        cost = bands[0].widths[0].cost
        quartiles = statistics.quantiles(costs[cost], n=_QUARTILES)
        question = question._replace(budgets=[(cost, bound) for bound in dict.fromkeys(quartiles)])
    return question, costs


def adjusted(sample: Accuracies, given: str | Sequence[str] | None, resolution: int, num_classes: int) -> Accuracies:
    """Return the sample with the linear effect of columns or costs taken out of its accuracies; its column says so.

    Args:
        sample: the networks.
        given: names of the columns or costs; None: nothing is taken out.
        resolution: at which costs are counted.
        num_classes: with which they are counted.

    Raises:
        UserError: there is no such column or cost.
    """
    names = given_names(given)
    if not names:
        return sample
    covariates = _costs(names, sample, resolution, num_classes, "given")
    values = without_effect(sample.values, list(covariates.values()))
    return sample._replace(values=values, column=f"{sample.column} less {', '.join(names)}")


def given_names(given: Any) -> list[str]:
    """Return the names that are given, each once; errors as for :func:`adjusted`."""
    names = [] if given is None else [given] if isinstance(given, str) else given
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) and name for name in names):
        raise UserError(key="given", value=given, expected="columns of the table or costs, such as given='[se]'")
    return list(dict.fromkeys(names))


def _costs(names: list[str], sample: Accuracies, resolution: int, num_classes: int, key: str) -> dict[str, list[float]]:
    try:
        return costs_of(names, sample.architectures, sample.columns, resolution, num_classes)
    except UserError as error:
        raise UserError(f"{key}: {error}", key=key) from error


def _bands(within: Any) -> list[Band]:
    wanted = [DEFAULT] if within is None else list(within) if isinstance(within, list | tuple) else [within] if within else []
    if not all(isinstance(one, Mapping) and one for one in wanted):
        expected = "costs such as {flops: 10%}, or a list of these; [] for none"
        raise UserError(key="within", value=within, expected=expected)
    with keyed("within"):
        return [Band.of(one) for one in wanted]


def _bounds(budgets: Any) -> list[tuple[str, float]] | None:
    if budgets is None:
        return None
    if not isinstance(budgets, Mapping):
        expected = "a cost and its bounds, such as {flops: [300M, 400M]}; {} for none"
        raise UserError(key="budgets", value=budgets, expected=expected)
    return [
        (str(cost), float(parse_count(bound, f"budgets.{cost}")))
        for cost, bounds in budgets.items()
        for bound in (bounds if isinstance(bounds, list | tuple) else [bounds])
    ]
