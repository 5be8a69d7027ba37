"""Translating the setup of a search into the problem of the exact optimiser, or an error that says why it cannot be."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from zen_lightning.arch import Architecture
from zen_lightning.budget import (
    ActivationsLimit,
    BaseLatencyLimit,
    Budget,
    Effectiveness,
    FlopsLimit,
    LargestShare,
    LayersEachStage,
    LayersLimit,
    Limit,
    ParamsLimit,
    RisingWidths,
    Shape,
)
from zen_lightning.proxy.base import Proxy
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.proxy.deepmad import DeepMad
from zen_lightning.proxy.entropy import MultiScaleEntropy
from zen_lightning.proxy.zen_calibrated import ZenCalibrated
from zen_lightning.search.exact.calibrated import CalibratedTables
from zen_lightning.search.exact.chain import Chain, NoTablesError, chain_of
from zen_lightning.search.exact.costs import Cost
from zen_lightning.search.exact.deepmad import DeepMadTables
from zen_lightning.search.exact.entropy import EntropyTables
from zen_lightning.search.exact.rules import Rules
from zen_lightning.search.exact.score import AdditiveScore
from zen_lightning.search.exact.shape_costs import depth_costs, share_costs
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
    layers = next((limit.maximum for limit in setup.budget.limits if type(limit) is LayersLimit), None)
    rules = rules_of(setup.budget, setup.proxy)
    chain = chain_of(setup.space, setup.start, None if layers is None else int(layers), resolution, rules)
    assert isinstance(setup.start, Architecture)
    score = tables_of(setup.proxy, chain)
    last = chain.steps[-1]
    size = -(-last.place.size // last.stride)
    costs = costs_of(setup.budget, size) + costs_of_shapes(setup.budget, chain, setup.proxy)
    return Request(chain, costs, score)


def rules_of(budget: Budget, proxy: Proxy) -> Rules:
    """Return the shapes and limits of a budget that hold block by block or stage by stage.

    Args:
        budget: the budget.
        proxy: the proxy of the score, which may have a limit of its own.

    Raises:
        NoTablesError: a shape is none that the exact optimiser knows.
    """
    rules = Rules()
    if any(hasattr(limit, "additive_times") for limit in budget.limits):
        # Times are rounded to integers, so that the last digit of the limit is asked about complete networks.
        rules = replace(rules, accepts=lambda network: budget.violated(network) is None)
    for limit in budget.limits:
        if type(limit) is ActivationsLimit:
            rules = replace(rules, peak=limit.maximum, num_classes=limit.num_classes)
    for shape in budget.shapes:
        if type(shape) is RisingWidths:
            rules = replace(rules, rising=True)
        elif type(shape) is LayersEachStage:
            rules = replace(rules, least_layers=shape.least, most_layers=shape.most, by_stage=True)
        elif type(shape) in (LargestShare, Effectiveness):
            rules = replace(rules, by_stage=rules.by_stage or type(shape) is LargestShare)
            if rules.accepts is None:
                rules = replace(rules, accepts=_accepts(budget.shapes))
        else:
            raise NoTablesError(f"the exact optimiser has no tables of the shape {shape.name}", key="budget")
    if isinstance(proxy, DeepMad) and proxy.rho is not None:
        within = rules.accepts or (lambda network: True)
        rules = replace(rules, accepts=lambda network: within(network) and proxy.within_rho(network))
    return rules


def _accepts(shapes: Sequence[Shape]) -> Callable[[Architecture], bool]:
    return lambda network: all(shape.excess(network) <= 0 for shape in shapes)


def costs_of_shapes(budget: Budget, chain: Chain, proxy: Proxy) -> tuple[Cost, ...]:
    """Return the shapes of a budget that are limits on sums, and the limit of DeepMAD's score on depth over width."""
    costs: list[Cost] = []
    rho = [proxy.rho] if isinstance(proxy, DeepMad) and proxy.rho is not None else []
    for shape in budget.shapes:
        if type(shape) is LargestShare:
            flops = max([limit.maximum for limit in budget.limits if type(limit) is FlopsLimit] or [_ANY_FLOPS])
            costs += share_costs(shape.most, chain, flops)
        elif type(shape) is Effectiveness:
            rho.append(shape.most)
    return (*costs, *depth_costs(min(rho), chain)) if rho else tuple(costs)


_ANY_FLOPS = 1e9
"""FLOPs of a network that no limit bounds, for the first guess of a price. A choice."""


def tables_of(proxy: Proxy, chain: Chain) -> AdditiveScore:
    """Return the tables of a score.

    A user's own proxy provides them by a method ``additive_score`` that returns an
    :class:`~zen_lightning.search.exact.score.AdditiveScore`.

    Args:
        proxy: the proxy of the score.
        chain: the networks.

    Raises:
        NoTablesError: the score has none.
    """
    if isinstance(proxy, ZenClosedForm):
        return ZenTables(proxy)
    if isinstance(proxy, MultiScaleEntropy):
        return EntropyTables(proxy, chain)
    if isinstance(proxy, DeepMad):
        return DeepMadTables(proxy, chain)
    if isinstance(proxy, ZenCalibrated):
        return CalibratedTables(proxy, chain)
    states: Any = getattr(proxy, "additive_score", None)
    if states is None:
        raise NoTablesError(f"the score {proxy.name!r} states no tables of what each block adds", key="proxy")
    tables = states()
    assert isinstance(tables, AdditiveScore), f"{type(proxy).__name__}.additive_score returns an AdditiveScore"
    return tables


def costs_of(budget: Budget, last_size: int) -> tuple[Cost, ...]:
    """Return the limits of a budget as costs, except for those on layers and on peak activations.

    Args:
        budget: the budget.
        last_size: height and width of the last feature map.

    Raises:
        NoTablesError: a limit is not additive over blocks.
    """
    costs = []
    for limit in budget.limits:
        if type(limit) in (ParamsLimit, FlopsLimit):
            costs.append(cost_of(limit, limit.maximum))
        elif (states := getattr(limit, "additive_times", None)) is not None:
            maximum, times = states()
            costs.append(Cost(limit.name, maximum, 0, 0, times=times, last_size=last_size, unit=limit.maximum / maximum))
        elif isinstance(limit, BaseLatencyLimit):
            what = "measured latency does not add up over blocks, as latency does that a profile predicts (latency.profile)"
            raise NoTablesError(what, key="budget")
        elif type(limit) not in (LayersLimit, ActivationsLimit):
            raise NoTablesError(f"the limit on {limit.name} does not add up over blocks", key="budget")
    return tuple(costs)


def cost_of(limit: Limit, maximum: float) -> Cost:
    """Return a limit on parameters or FLOPs as a cost with a limit of its own."""
    assert isinstance(limit, (ParamsLimit, FlopsLimit))
    return Cost(limit.name, maximum, limit.num_classes, limit.num_classes if isinstance(limit, ParamsLimit) else 0)
