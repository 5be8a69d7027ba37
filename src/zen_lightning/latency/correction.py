"""The correction from the sum of the operations to the network (fusion, caches, launches), fitted on whole networks.

Every term is a sum over the operations of a network, so the corrected latency is one too, and can be remembered by block.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zen_lightning.latency.operations import ADD, CONV, DEPTHWISE, HEAD, NORM, RELU, SE, STEM, Operation

Array = NDArray[np.float64]

GROUPS = ("dense", "pointwise", "depthwise", "maps", "head")
"""Kinds of operations whose predicted times have a factor of their own."""

EXTRAS = ("operation", "elements", "weights", "macs")
"""What has a charge of its own: each operation, each element of a feature map, each weight, each multiply-add."""

_GROUP_OF = {STEM: 0, DEPTHWISE: 2, RELU: 3, NORM: 3, ADD: 3, SE: 3, HEAD: 4}
_STRENGTHS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""Strengths of the ridge that are tried. A choice: half-decade steps around 1; leaving each network out in turn picks one."""


class Correction(NamedTuple):
    """The factors.

    Attributes:
        factors: one for each of :data:`GROUPS`; 1 without a correction.
        charges: seconds for each of :data:`EXTRAS`; 0 without.
        strength: strength of the ridge, chosen by leaving each network out in turn.
    """

    factors: tuple[float, ...] = (1.0,) * len(GROUPS)
    charges: tuple[float, ...] = (0.0,) * len(EXTRAS)
    strength: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return the factors by name, as JSON has them."""
        return {"factors": list(self.factors), "charges": list(self.charges), "strength": self.strength}

    def seconds(self, operation: Operation, predicted: float) -> float:
        """Return what an operation adds to its network, from the time it takes by itself."""
        one, elements, weights, macs = self.charges
        charged = one + elements * operation.elements + weights * operation.weights + macs * operation.macs
        return self.factors[group(operation)] * predicted + charged


def group(operation: Operation) -> int:
    """Return the number of an operation's group in :data:`GROUPS`."""
    return int(operation.kernel_size == 1) if operation.kind == CONV else _GROUP_OF[operation.kind]


def network_terms(operations: Sequence[Operation], predicted: Sequence[float]) -> Array:
    """Return the terms of a network: the predicted time of each group, then the :data:`EXTRAS`."""
    terms = np.zeros(len(GROUPS) + len(EXTRAS))
    for operation, seconds in zip(operations, predicted, strict=True):
        terms[group(operation)] += seconds
        terms[len(GROUPS) :] += 1.0, operation.elements, operation.weights, operation.macs
    return terms


def fit_correction(terms: Array, measured: Array) -> Correction:
    """Return the correction of least squared relative error, drawn towards no correction by a ridge.

    Args:
        terms: the terms of each network, shape (networks, terms).
        measured: the measured seconds of each network, shape (networks,).
    """
    wished = np.concatenate([np.ones(len(GROUPS)), np.zeros(len(EXTRAS))])
    relative = terms / measured[:, None]
    # A term that is 1% of a network's latency on average is held 100 times less than one that is all of it.
    scale = np.maximum(np.sqrt((relative**2).mean(0)), 1e-30)
    matrix = relative / scale
    target = 1.0 - relative @ wished
    best, least, chosen = np.zeros(len(wished)), np.inf, 0.0
    for strength in _STRENGTHS:
        gram = matrix.T @ matrix + strength * np.eye(len(wished))
        projection = np.linalg.solve(gram, matrix.T)
        solution = projection @ target
        leverage = np.einsum("ij,ji->i", matrix, projection)
        error = float(np.mean(np.abs((target - matrix @ solution) / (1 - leverage))))
        if error < least:
            best, least, chosen = solution, error, strength
    corrected = wished + best / scale
    return Correction(tuple(map(float, corrected[: len(GROUPS)])), tuple(map(float, corrected[len(GROUPS) :])), chosen)
