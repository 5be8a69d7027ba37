"""What ``task=correlate`` asks at equal cost, from its keys."""

import statistics
from collections.abc import Mapping
from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning.budget import parse_count
from zen_lightning.correlate.accuracies import Accuracies
from zen_lightning.correlate.bands import Band
from zen_lightning.correlate.covariates import costs_of, without_effect
from zen_lightning.correlate.study import Question
from zen_lightning.errors import UserError, keyed

DEFAULT = {"flops": "10%"}
"""What counts as equal unless ``within=`` says otherwise: the band by which docs/proxies.md compares proxies."""

_QUARTILES = 4
"""Budgets are the quartiles of the first cost unless ``budgets=`` says otherwise. A choice: three, each with networks."""


def read_question(config: DictConfig, sample: Accuracies) -> tuple[Question, dict[str, list[float]]]:
    """Return what is asked, and the costs of the sample that this takes.

    Raises:
        UserError: a key that cannot be read, or a cost that there is not.
    """
    bands = _bands(config)
    budgets = _asked_budgets(config)
    if not isinstance(config.best, int) or config.best < 1:
        raise UserError(f"best={config.best}: expected how many networks are picked, 1 or more")
    question = Question(bands, budgets or [], config.best, config.bootstrap, config.seed)
    asked = {"within": question.partial_costs, "budgets": [cost for cost, _ in question.budgets]}
    costs = {name: values for key, names in asked.items() for name, values in _costs(config, names, sample, key).items()}
    if budgets is None and bands:
        cost = bands[0].widths[0].cost
        quartiles = statistics.quantiles(costs[cost], n=_QUARTILES)
        question = question._replace(budgets=[(cost, bound) for bound in dict.fromkeys(quartiles)])
    return question, costs


def adjusted(config: DictConfig, sample: Accuracies) -> Accuracies:
    """Return the sample with the linear effect of ``given=`` taken out of its accuracies.

    Raises:
        UserError: there is no such column or cost.
    """
    names = _names(config.given)
    if not names:
        return sample
    covariates = _costs(config, names, sample, "given")
    return sample._replace(values=without_effect(sample.values, list(covariates.values())))


def column_of(config: DictConfig, sample: Accuracies) -> str:
    """Return what the accuracies are called, with what was taken out of them."""
    names = _names(config.given)
    return sample.column + (f" less {', '.join(names)}" if names else "")


def _costs(config: DictConfig, names: list[str], sample: Accuracies, key: str) -> dict[str, list[float]]:
    try:
        return costs_of(names, sample.architectures, sample.columns, config.resolution, config.num_classes)
    except UserError as error:
        raise UserError(f"{key}: {error}") from error


def _bands(config: DictConfig) -> list[Band]:
    node = _plain(config.within)
    wanted = [DEFAULT] if node is None else node if isinstance(node, list) else [node] if node else []
    if not all(isinstance(one, Mapping) and one for one in wanted):
        raise UserError(f"within={node}: expected costs such as {{flops: 10%}}, or a list of these; [] for none")
    with keyed("within"):
        return [Band.of(one) for one in wanted]


def _asked_budgets(config: DictConfig) -> list[tuple[str, float]] | None:
    node = _plain(config.budgets)
    if node is None:
        return None
    if not isinstance(node, Mapping):
        raise UserError(f"budgets={node}: expected a cost and its bounds, such as {{flops: [300M, 400M]}}; {{}} for none")
    return [
        (str(cost), float(parse_count(bound, f"budgets.{cost}")))
        for cost, bounds in node.items()
        for bound in (bounds if isinstance(bounds, list) else [bounds])
    ]


def _names(node: Any) -> list[str]:
    names = _plain(node)
    names = [] if names is None else [names] if isinstance(names, str) else names
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise UserError(f"given={names}: expected columns of the table or costs, such as given='[se]'")
    return list(dict.fromkeys(names))


def _plain(node: Any) -> Any:
    return OmegaConf.to_container(node, resolve=True) if OmegaConf.is_config(node) else node
