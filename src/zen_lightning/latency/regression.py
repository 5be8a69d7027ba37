"""How long an operation takes between those that were measured: Gaussian-process regression on a simple cost model. NumPy.

The cost model of a family of operations is a sum: a fixed time, a time for each multiply-add, each element of the feature maps
and each weight, none of them below 0. What it leaves, the logarithm of measured over modelled time, varies smoothly with the
logarithms of widths and resolution, and jumps with how widths fill vector registers (multiples of 16 against odd multiples
of 8); a Gaussian process with these as its inputs is fitted to it. Rasmussen and Williams, Gaussian Processes for Machine
Learning, MIT Press 2006, Sections 2.2 and 5.4.2.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zen_lightning.latency.operations import HEAD, Operation

Array = NDArray[np.float64]

# What is tried for each family; leaving each point out in turn picks one. A choice of ranges: a width and a resolution
# influence others a few doublings away, and measurements differ by 2 to 10%, up to what counts as unsteady.
_LENGTHS = (2.0, 4.0, 8.0)
_SIZE_LENGTHS = (1.0, 2.0, 4.0)
_ALIGNMENT = (0.25, 1.0)
_NOISES = (0.02, 0.05, 0.1)
_LEAST_AMPLITUDE = 0.05
"""Amplitude of the process at least. A choice: the spread of measurements, where the cost model leaves even less."""

_MOST_CHOOSING = 150
"""Points at most that the choice is made on, by default. A choice: it bounds the time of 54 inversions of such a matrix."""


_TOGETHER = 128
"""Operations whose times are computed together. A choice: some 1 MB an array, which stays in the cache of a core."""


class KernelParameters(NamedTuple):
    """Hyperparameters of the process of a family, chosen by how well each point is predicted from the others.

    Attributes:
        length: how many doublings of a width the process reaches.
        size_length: how many doublings of the resolution.
        alignment: distance between widths that are multiples of 16 and those that are not.
        noise: relative noise of a measurement.
    """

    length: float
    size_length: float
    alignment: float
    noise: float


class Fitted(NamedTuple):
    """A fitted regression, as a profile keeps it.

    Attributes:
        shape: hyperparameters of the process.
        costs: seconds for each of :func:`work`.
        amplitude: amplitude of the process.
        weights: weight of each point.
    """

    shape: KernelParameters
    costs: tuple[float, ...]
    amplitude: float
    weights: tuple[float, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        costs = [float(f"{cost:.8g}") for cost in self.costs]
        weights = [float(f"{weight:.8g}") for weight in self.weights]
        return {"shape": list(self.shape), "costs": costs, "amplitude": self.amplitude, "weights": weights}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> "Fitted":
        """Return what :meth:`as_dict` wrote."""
        return cls(KernelParameters(*kept["shape"]), tuple(kept["costs"]), kept["amplitude"], tuple(kept["weights"]))


class FamilyRegression:
    """The regression of one family of operations.

    Args:
        operations: measured operations, all of one family.
        seconds: each one's time for one image.
        fitted: an earlier fit; None to fit it now.
        chosen_on: points at most that the shape of the process is chosen on; the time grows with its third power.

    Attributes:
        fitted: the fit that it predicts with.
    """

    def __init__(
        self,
        operations: Sequence[Operation],
        seconds: Sequence[float],
        fitted: Fitted | None = None,
        chosen_on: int = _MOST_CHOOSING,
    ) -> None:
        self._chosen_on = chosen_on
        self._inputs = np.array([_inputs(operation) for operation in operations])
        self.fitted = self._fit(operations, np.array(seconds)) if fitted is None else fitted
        self._costs, self._weights = np.array(self.fitted.costs), np.array(self.fitted.weights)
        self._scaled = np.ascontiguousarray((self._inputs / _scales(self.fitted.shape)).T)  # Points in a row: quicker to sum.

    def seconds(self, operation: Operation) -> float:
        """Return the seconds for one image."""
        base = float((np.array(work(operation)) * self._costs).sum())
        return base * math.exp(float((self._against(operation) * self._weights).sum()))

    def seconds_of_many(self, many: Operation) -> Array:
        """Return what :meth:`seconds` does for operations whose widths are arrays of one dimension."""
        arrives, leaves = np.asarray(many.in_channels), np.asarray(many.out_channels)
        inputs = np.stack(
            [
                np.log2(arrives),
                np.log2(leaves),
                np.full(len(arrives), math.log2(many.resolution)),
                (arrives % 16 == 0).astype(np.float64),
                np.logical_or(leaves % 16 == 0, many.kind == HEAD).astype(np.float64),
            ]
        )
        scaled = inputs / _scales(self.fitted.shape)[:, None]
        lengths = (self._scaled**2).sum(axis=0)[:, None]
        charged = [np.broadcast_to(np.asarray(amount, np.float64), arrives.shape) for amount in _amounts(many)]
        base = self._costs @ np.stack(charged)
        found = np.empty(len(arrives))
        for start in range(0, len(arrives), _TOGETHER):
            part = slice(start, start + _TOGETHER)
            # As a product of matrices: where it loses digits, near 0, the correlation is flat.
            squares = self._scaled.T @ scaled[:, part]
            squares *= -2
            squares += lengths
            squares += (scaled[:, part] ** 2).sum(axis=0)
            np.maximum(squares, 0, out=squares)
            found[part] = self.fitted.amplitude**2 * (self._weights @ _matern(np.sqrt(squares, out=squares)))
        seconds: Array = base * np.exp(found)
        return seconds

    def deviation(self, operation: Operation) -> float:
        """Return the standard deviation of the time's logarithm: how uncertain the time is, relative to it."""
        row = self._against(operation)
        variance = self.fitted.amplitude**2 - float(row @ self._whole_inverse @ row)
        return math.sqrt(max(variance, 0.0) + self.fitted.shape.noise**2)

    @cached_property
    def _whole_inverse(self) -> Array:
        return _inverse(self._inputs, self.fitted.amplitude, self.fitted.shape)

    def _against(self, operation: Operation) -> Array:
        gap = self._scaled - (np.array(_inputs(operation)) / _scales(self.fitted.shape))[:, None]
        distance: Array = np.sqrt((gap**2).sum(0))
        row: Array = self.fitted.amplitude**2 * _matern(distance)
        return row

    def _fit(self, operations: Sequence[Operation], measured: Array) -> Fitted:
        charged = np.array([work(operation) for operation in operations])
        costs = nonnegative_fit(charged / measured[:, None], np.ones(len(measured)))
        residual = np.log(measured / (charged @ costs))
        amplitude = max(_LEAST_AMPLITUDE, float(np.sqrt(np.mean(residual**2))))
        shape = self._choose(residual, amplitude)
        weights = _inverse(self._inputs, amplitude, shape) @ residual
        return Fitted(shape, tuple(costs.tolist()), amplitude, tuple(weights.tolist()))

    def _choose(self, residual: Array, amplitude: float) -> KernelParameters:
        """Return the shape of the least squared error of points, each left out in turn; of a part where there are many."""
        part = slice(None, None, math.ceil(len(residual) / self._chosen_on))
        best, least = KernelParameters(4.0, 2.0, 0.25, 0.05), math.inf
        for shape in itertools.starmap(KernelParameters, itertools.product(_LENGTHS, _SIZE_LENGTHS, _ALIGNMENT, _NOISES)):
            inverse = _inverse(self._inputs[part], amplitude, shape)
            left_out = (inverse @ residual[part]) / np.diag(inverse)
            error = float(np.mean(np.minimum(left_out**2, 1.0)))
            if error < least:
                best, least = shape, error
        return best


def work(operation: Operation) -> tuple[float, float, float, float]:
    """Return what the cost model charges for: one operation, multiply-adds, elements, weights."""
    one, macs, elements, weights = _amounts(operation)
    return one, float(macs), float(elements), float(weights)


def _amounts(operation: Operation) -> tuple[float, int, int, int]:
    return 1.0, operation.macs, operation.elements, operation.weights


def nonnegative_fit(matrix: Array, target: Array) -> Array:
    """Return the least-squares solution without negative numbers, by trying every set of columns: for very few of them.

    Example:
        >>> nonnegative_fit(np.array([[1.0, 0.0], [0.0, 1.0]]), np.array([2.0, -3.0])).tolist()
        [2.0, 0.0]
    """
    columns = range(matrix.shape[1])
    best, least = np.zeros(matrix.shape[1]), math.inf
    used = [column for column in columns if matrix[:, column].any()]
    for size in range(1, len(used) + 1):
        for chosen in itertools.combinations(used, size):
            solution = np.linalg.lstsq(matrix[:, chosen], target, rcond=None)[0]
            error = float(np.sum((matrix[:, chosen] @ solution - target) ** 2))
            if (solution >= 0).all() and error < least:
                best, least = np.zeros(matrix.shape[1]), error
                best[list(chosen)] = solution
    return best


def _inputs(operation: Operation) -> tuple[float, float, float, float, float]:
    arrives, leaves = operation.in_channels, operation.out_channels
    aligned = (arrives % 16 == 0, leaves % 16 == 0 or operation.kind == HEAD)
    return math.log2(arrives), math.log2(leaves), math.log2(operation.resolution), float(aligned[0]), float(aligned[1])


def _inverse(inputs: Array, amplitude: float, shape: KernelParameters) -> Array:
    """Return the inverse of the covariance of points."""
    scaled = inputs / _scales(shape)
    squares = np.zeros((len(scaled), len(scaled)))
    for column in scaled.T:  # A matrix product would start threads, which wait for one another on a busy machine.
        squares += (column[:, None] - column[None]) ** 2
    covariance = amplitude**2 * _matern(np.sqrt(squares))
    covariance[np.diag_indices(len(covariance))] += shape.noise**2
    return np.asarray(np.linalg.inv(covariance), dtype=np.float64)


def _scales(shape: KernelParameters) -> Array:
    return np.array([shape.length, shape.length, shape.size_length, 1 / shape.alignment, 1 / shape.alignment])


def _matern(distance: Array) -> Array:
    """Return the Matern correlation of smoothness 3/2."""
    scaled = math.sqrt(3) * distance
    correlation: Array = (1 + scaled) * np.exp(-scaled)
    return correlation
