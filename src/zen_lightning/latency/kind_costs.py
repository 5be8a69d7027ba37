"""How long operations take on a device of which only whole networks were measured: a few costs for each kind of operation."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zen_lightning.latency.operations import CONV, Operation, OutsideProfileError
from zen_lightning.latency.regression import work

Array = NDArray[np.float64]

_POINTWISE = "pointwise"
_HEAVIER = 4.0
"""How many times heavier than the heaviest of its kind an operation may be. A choice: costs are proportional to work, which
holds beyond what was measured, but not without end."""

_RIDGE = 1e-3
"""Of the mean squared share of a term in a latency. A choice: it only decides between terms that cannot be told apart."""

_SWEEPS, _SETTLED = 3_000, 1e-9
"""Passes over all terms at most, and the change below which the fit has converged."""


class KindCost(NamedTuple):
    """What operations of a kind cost.

    Attributes:
        costs: seconds for each operation, multiply-add, element of the feature maps and weight, for one image.
        most: the most multiply-adds, elements and weights of one operation in the networks that were measured.
    """

    costs: tuple[float, float, float, float]
    most: tuple[float, float, float]


class KindCosts:
    """The time of single operations as a sum of costs, those of a kind being the same for all its shapes.

    Args:
        costs: of each kind, as :func:`kind` names them.
        name: name of the profile, for errors.
    """

    def __init__(self, costs: Mapping[str, KindCost], name: str) -> None:
        self.costs = dict(costs)
        self._name = name

    @classmethod
    def from_dict(cls, kept: Mapping[str, Mapping[str, Any]], name: str) -> "KindCosts":
        """Return what :meth:`as_dict` wrote."""
        return cls({key: KindCost(tuple(row["costs"]), tuple(row["most"])) for key, row in kept.items()}, name)

    def as_dict(self) -> dict[str, dict[str, Any]]:
        """Return the costs as a profile keeps them."""
        return {key: {"costs": list(row.costs), "most": list(row.most)} for key, row in self.costs.items()}

    def seconds(self, operation: Operation) -> float:
        """Return the seconds of an operation for one image.

        Raises:
            OutsideProfileError: nothing of its kind was measured, or nothing nearly as heavy.
        """
        known = self.costs.get(kind(operation))
        amounts = work(operation)
        if known is None:
            missing = "no operation of this kind"
        elif any(amount > _HEAVIER * most for amount, most in zip(amounts[1:], known.most, strict=True)):
            missing = f"those of up to {known.most[0] / 1e6:,.1f}M multiply-adds, {known.most[2] / 1e6:,.2f}M weights"
        else:
            return _charged(known, amounts)
        raise OutsideProfileError(
            f"the profile {self._name} does not reach the {operation}: it holds {missing}",
            remedy="measure the network instead, or measure such networks and make the profile again",
        )

    def unbounded(self, operation: Operation) -> float:
        """Return the seconds of an operation however heavy it is; 0 where nothing of its kind was measured."""
        known = self.costs.get(kind(operation))
        return _charged(known, work(operation)) if known is not None else 0.0

    def deviation(self, operation: Operation) -> float:
        """Return 0: how uncertain a single operation is cannot be told from whole networks."""
        return 0.0


def _charged(known: KindCost, amounts: tuple[float, ...]) -> float:
    return sum(cost * amount for cost, amount in zip(known.costs, amounts, strict=True))


def kind(operation: Operation) -> str:
    """Return what an operation's costs are kept under: its kind, 1x1 convolutions by themselves."""
    return _POINTWISE if operation.kind == CONV and operation.kernel_size == 1 else operation.kind


def fit_kind_costs(networks: Sequence[Sequence[Operation]], seconds: Sequence[float], name: str) -> KindCosts:
    """Return the costs of least squared relative error, none of them below 0.

    Args:
        networks: the operations of each network.
        seconds: the time of each for one image.
        name: name of the profile, for errors.

    Example:
        >>> one, two = Operation("relu", 1, 1, 8, 8, 32), Operation("relu", 1, 1, 16, 16, 32)
        >>> found = fit_kind_costs([[one], [two], [one, two]], [2e-6, 3e-6, 5e-6], "laptop")
        >>> round(1e6 * found.seconds(one), 2), round(1e6 * found.seconds(two), 2)
        (2.0, 3.0)
    """
    names = sorted({kind(operation) for network in networks for operation in network})
    place = {key: 4 * number for number, key in enumerate(names)}
    terms, most = np.zeros((len(networks), 4 * len(names))), np.zeros((len(names), 3))
    for row, network in zip(terms, networks, strict=True):
        for operation in network:
            first, amounts = place[kind(operation)], work(operation)
            row[first : first + 4] += amounts
            most[first // 4] = np.maximum(most[first // 4], amounts[1:])
    costs = [float(f"{cost:.8g}") for cost in _nonnegative(terms / np.array(seconds)[:, None])]
    found: dict[str, KindCost] = {}
    for key, first in place.items():
        one, macs, elements, weights = costs[first : first + 4]
        most_macs, most_elements, most_weights = most[first // 4].tolist()
        found[key] = KindCost((one, macs, elements, weights), (most_macs, most_elements, most_weights))
    return KindCosts(found, name)


def _nonnegative(relative: Array) -> Array:
    """Return the weights without negative ones that bring each row's sum nearest to 1, by coordinate descent on a ridge.

    Franc, Hlavac and Navara, Sequential Coordinate-Wise Algorithm for the Non-negative Least Squares Problem, CAIP 2005.
    """
    scale = np.sqrt((relative**2).mean(0))
    scale[scale == 0] = np.inf  # No network has such a term.
    matrix = relative / scale
    gram = matrix.T @ matrix + _RIDGE * np.eye(matrix.shape[1])
    gradient, weights = -matrix.sum(0), np.zeros(matrix.shape[1])
    for _ in range(_SWEEPS):
        largest = 0.0
        for number in range(len(weights)):
            step = max(-weights[number], -gradient[number] / gram[number, number])
            if step:
                weights[number] += step
                gradient += step * gram[number]
                largest = max(largest, abs(step))
        if largest < _SETTLED:
            break
    result: Array = weights / scale
    return result
