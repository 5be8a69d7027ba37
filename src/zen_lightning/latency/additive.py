"""Predicted latency as a cost of the exact optimiser: a sum over operations, looked up by widths."""

import numpy as np
from numpy.typing import NDArray

from zen_lightning.arch.primitives import Conv
from zen_lightning.latency.operations import (
    ADD,
    CONV,
    DEPTHWISE,
    HEAD,
    IMAGE_CHANNELS,
    NORM,
    RELU,
    SE,
    STEM,
    Operation,
    OutsideProfileError,
)
from zen_lightning.latency.predictor import LatencyPredictor
from zen_lightning.search.exact.costs import UNREACHED
from zen_lightning.search.exact.widths import STEP

Ints = NDArray[np.int64]

UNIT = 1e-13
"""Seconds of one unit of the cost. A choice: a millisecond is then exact to ten digits."""

_ENCODED = 1 << 20
"""Above any width: two of them are one number."""

_DENSE = 2_048
"""Widths below it are looked up in a table of all pairs. A choice: half a megabyte for each kind of operation."""


class AdditiveLatency:
    """What operations of many widths at once add to a network.

    Args:
        predictor: the predictor of a profile.
        num_classes: outputs of the classifier.
    """

    def __init__(self, predictor: LatencyPredictor, num_classes: int) -> None:
        self._predictor = predictor
        self._num_classes = num_classes
        self._known: dict[tuple[str, int, int, int], tuple[Ints, Ints]] = {}
        self._dense: dict[tuple[str, int, int, int], Ints] = {}

    def conv(self, conv: Conv, arrives: Ints, leaves: Ints, size: int, gated: bool = False) -> Ints:
        """Return the cost of convolutions with what follows each, as :func:`conv_operations` lists it.

        Args:
            conv: a convolution of that kernel, stride and groups.
            arrives: input channels of each.
            leaves: output channels of each.
            size: height and width of the input.
            gated: whether each has a squeeze-and-excitation of its own.
        """
        after = conv.output_size(size)
        if conv.groups > 1:
            cost = self._of(DEPTHWISE, conv.kernel_size, conv.stride, leaves, leaves, size)
        else:
            kinds = np.asarray(arrives) == IMAGE_CHANNELS
            cost = np.where(
                kinds,
                self._of(STEM, conv.kernel_size, conv.stride, np.where(kinds, arrives, IMAGE_CHANNELS), leaves, size),
                self._of(CONV, conv.kernel_size, conv.stride, np.where(kinds, 8, arrives), leaves, size),
            )
        if conv.relu_first:
            cost = cost + self._plain(RELU, arrives, size)
        if not self._predictor.profile.settings.fold_batch_norms:
            cost = cost + self._plain(NORM, leaves, after)
        if conv.relu:
            cost = cost + self._plain(RELU, leaves, after)
        if gated or (self._predictor.use_se and conv.squeeze_excite):
            cost = cost + self._plain(SE, leaves, after)
        return cost

    def add(self, channels: Ints, size: int) -> Ints:
        """Return the cost of additions of shortcuts."""
        return self._plain(ADD, channels, size)

    def head(self, channels: Ints, size: int) -> Ints:
        """Return the cost of classifiers."""
        return self._of(HEAD, 1, 1, channels, np.full_like(channels, self._num_classes), size)

    def _plain(self, kind: str, channels: Ints, size: int) -> Ints:
        return self._of(kind, 1, 1, channels, channels, size)

    def _of(self, kind: str, kernel_size: int, stride: int, arrives: Ints, leaves: Ints, size: int) -> Ints:
        """Return the cost of operations that differ in widths alone; each is computed once."""
        key = kind, kernel_size, stride, size
        if all(widths.max(initial=0) < _DENSE and not (widths % STEP).any() for widths in (arrives, leaves)):
            return self._dense_of(key, arrives, leaves)
        wanted = arrives * _ENCODED + leaves
        distinct, place = np.unique(wanted, return_inverse=True)
        known, costs = self._known.get(key, (distinct[:0], distinct[:0]))
        missing = distinct[~np.isin(distinct, known)]
        if len(missing):
            more = self._computed(kind, kernel_size, stride, missing // _ENCODED, missing % _ENCODED, size)
            known, costs = np.concatenate([known, missing]), np.concatenate([costs, more])
            order = np.argsort(known)
            known, costs = known[order], costs[order]
            self._known[key] = known, costs
        found: Ints = costs[np.searchsorted(known, distinct)][place.reshape(wanted.shape)]
        return found

    def _dense_of(self, key: tuple[str, int, int, int], arrives: Ints, leaves: Ints) -> Ints:
        """Return the same for multiples of 8 below a limit, from a table of all pairs; of what is not known yet it has -1."""
        kind, kernel_size, stride, size = key
        side = _DENSE // STEP
        table = self._dense.get(key)
        if table is None:
            table = self._dense[key] = np.full(side * side, -1, np.int64)
        place = arrives // STEP * side + leaves // STEP
        found: Ints = table.take(place)
        missing = found < 0
        if missing.any():
            wanted = np.unique(place[missing])
            pairs = wanted // side * STEP, wanted % side * STEP
            table[wanted] = self._computed(kind, kernel_size, stride, *pairs, size)
            found = table.take(place)
        return found

    def _computed(self, kind: str, kernel_size: int, stride: int, arrives: Ints, leaves: Ints, size: int) -> Ints:
        if kind in (CONV, STEM):
            seconds = self._predictor.seconds_of_convs(kind, kernel_size, stride, arrives, leaves, size)
        else:
            widths = zip(arrives.tolist(), leaves.tolist(), strict=True)
            seconds = np.array([self._one(Operation(kind, kernel_size, stride, *pair, size)) for pair in widths])
        within = np.minimum(seconds / UNIT, UNREACHED)
        units: Ints = np.rint(within).astype(np.int64)
        return units

    def _one(self, operation: Operation) -> float:
        try:
            return self._predictor.seconds_of(operation)
        except OutsideProfileError:
            return np.inf
