"""Translating the setup of a search into the problem of the exact optimiser, or an error that says why it cannot be."""

from typing import Any, NamedTuple

from zen_lightning.arch import Architecture
from zen_lightning.budget import Budget, FlopsLimit, LayersLimit, ParamsLimit
from zen_lightning.proxy.base import Proxy
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.search.exact.chain import Chain, NoTablesError, chain_of
from zen_lightning.search.exact.costs import Cost
from zen_lightning.search.exact.score import AdditiveScore
from zen_lightning.search.exact.zen import ZenTables
from zen_lightning.search.run import SearchSetup


class Request(NamedTuple):
    """The problem to solve.

    Attributes:
        chain: the networks of the space.
        costs: the limited costs.
        score: the score to maximise.
    """

    chain: Chain
    costs: tuple[Cost, ...]
    score: AdditiveScore


def request_of(setup: SearchSetup, resolution: int) -> Request:
    """Return the problem to solve.

    Args:
        setup: setup of a search; only the kinds of blocks of its start, their order and their strides matter.
        resolution: height and width of the images.

    Raises:
        NoTablesError: the space, the score or a limit is not additive over blocks.
        UserError: there is no limit on layers.
    """
    if setup.budget.shapes:
        raise NoTablesError(f"the exact optimiser knows no shape, such as {setup.budget.shapes[0].name}", key="budget")
    score = tables_of(setup.proxy)
    layers = next((limit.maximum for limit in setup.budget.limits if type(limit) is LayersLimit), None)
    chain = chain_of(setup.space, setup.start, None if layers is None else int(layers), resolution)
    assert isinstance(setup.start, Architecture)
    return Request(chain, costs_of(setup.budget), score)


def tables_of(proxy: Proxy) -> AdditiveScore:
    """Return the tables of a score.

    A user's own proxy provides them by a method ``additive_score`` that returns an
    :class:`~zen_lightning.search.exact.score.AdditiveScore`.

    Raises:
        NoTablesError: the score has none.
    """
    if isinstance(proxy, ZenClosedForm):
        return ZenTables(proxy)
    states: Any = getattr(proxy, "additive_score", None)
    if states is None:
        raise NoTablesError(f"the score {proxy.name!r} states no tables of what each block adds", key="proxy")
    tables = states()
    assert isinstance(tables, AdditiveScore), f"{type(proxy).__name__}.additive_score returns an AdditiveScore"
    return tables


def costs_of(budget: Budget) -> tuple[Cost, ...]:
    """Return the limits of a budget as costs, except for the limit on layers.

    Raises:
        NoTablesError: a limit is not additive over blocks.
    """
    costs = []
    for limit in budget.limits:
        if type(limit) is ParamsLimit:
            costs.append(Cost(limit.name, limit.maximum, limit.num_classes, limit.num_classes))
        elif type(limit) is FlopsLimit:
            costs.append(Cost(limit.name, limit.maximum, limit.num_classes, 0))
        elif type(limit) is not LayersLimit:
            raise NoTablesError(f"the limit on {limit.name} does not add up over blocks", key="budget")
    return tuple(costs)
