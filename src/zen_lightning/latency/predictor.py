"""The latency of an architecture from a profile: no torch, no network is built."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from zen_lightning.arch import Architecture, BaseArchitecture, SuperBlock, Unit
from zen_lightning.errors import UserError
from zen_lightning.latency.correction import Correction
from zen_lightning.latency.kind_costs import KindCosts
from zen_lightning.latency.operations import HEAD, Operation, OutsideProfileError, network_operations, unit_operations
from zen_lightning.latency.profile import Profile
from zen_lightning.latency.regression import FamilyRegression, Fitted

Array = NDArray[np.float64]

_HEAVIER = 1.25
"""How many times heavier than all measured operations one may be. A choice: a little extrapolation."""

_LEAST_SHARE = 0.2
"""Share of its own time that an operation adds to a network at least, whatever the correction takes off. A choice: charges that
are fitted on few networks may be below 0, and no operation is free."""


class Prediction(NamedTuple):
    """A predicted latency, for one image.

    Attributes:
        milliseconds: expected, as :class:`~zen_lightning.latency.measured.Measured` has it.
        uncertainty: one standard deviation of the error, in milliseconds.
    """

    milliseconds: float
    uncertainty: float


class Range(NamedTuple):
    """The measured range of a family: the smallest and the largest value."""

    in_channels: tuple[int, int]
    out_channels: tuple[int, int]
    resolution: tuple[int, int]

    def missing(self, operation: Operation) -> str | None:
        """Return which property of an operation is outside, in words; None where none is."""
        for name in self._fields:
            least, most = getattr(self, name)
            if not least <= getattr(operation, name) <= most:
                return f"{name.replace('_', ' ')} of {least} to {most}"
        return None


class OperationTimes:
    """How long single operations take, from a profile's points.

    Args:
        points: measured operations of the profile.
        regressions: fitted regressions of the profile, by family; fitted again where they are missing.
        name: name of the profile, for errors.
        fused: kinds of operations that take no time of their own.
    """

    def __init__(
        self,
        points: Mapping[str, Sequence[tuple[int, int, int, float]]],
        regressions: Mapping[str, Mapping[str, Any]],
        name: str,
        fused: Sequence[str] = (),
    ) -> None:
        self._name = name
        self._fused = frozenset(fused)
        self.regressions: dict[str, FamilyRegression] = {}
        self._ranges: dict[str, Range] = {}
        self._macs = self._elements = 0
        for family, rows in points.items():
            operations = [operation_of(family, *row[:3]) for row in rows]
            fitted = Fitted.from_dict(regressions[family]) if family in regressions else None
            self.regressions[family] = FamilyRegression(operations, [row[3] * 1e-6 for row in rows], fitted)
            columns = list(zip(*rows, strict=True))
            least_to_most = [(int(min(column)), int(max(column))) for column in columns[:3]]
            self._ranges[family] = Range(*least_to_most)
            self._macs = max(self._macs, *(operation.macs for operation in operations))
            self._elements = max(self._elements, *(operation.elements for operation in operations))

    def seconds(self, operation: Operation) -> float:
        """Return the seconds of an operation for one image.

        Raises:
            OutsideProfileError: nothing like it was measured.
        """
        return 0.0 if operation.kind in self._fused else self._regression(operation).seconds(operation)

    def seconds_of_many(self, many: Operation) -> Array:
        """Return how long operations take whose widths are arrays; infinity where nothing like them was measured."""
        ranges = self._ranges.get(many.family)
        arrives, leaves = np.asarray(many.in_channels), np.asarray(many.out_channels)
        if ranges is None or not ranges.resolution[0] <= many.resolution <= ranges.resolution[1]:
            return np.full(arrives.shape, np.inf)
        reached = (arrives >= ranges.in_channels[0]) & (arrives <= ranges.in_channels[1])
        reached &= (leaves >= ranges.out_channels[0]) & (leaves <= ranges.out_channels[1])
        reached &= np.asarray(many.macs <= _HEAVIER * self._macs) & np.asarray(many.elements <= _HEAVIER * self._elements)
        found = np.full(arrives.shape, np.inf)
        widths: Any = arrives[reached], leaves[reached]
        some = many._replace(in_channels=widths[0], out_channels=widths[1])
        found[reached] = self.regressions[many.family].seconds_of_many(some)
        return found

    def deviation(self, operation: Operation) -> float:
        """Return how uncertain that time is, relative to it."""
        return 0.0 if operation.kind in self._fused else self._regression(operation).deviation(operation)

    def _regression(self, operation: Operation) -> FamilyRegression:
        known = self._ranges.get(operation.family)
        missing = known.missing(operation) if known else "no operation of this kind"
        if missing is None and operation.macs > _HEAVIER * self._macs:
            missing = f"operations of up to {self._macs / 1e6:,.0f}M multiply-adds"
        if missing is None and operation.elements > _HEAVIER * self._elements:
            missing = f"feature maps of up to {self._elements / 1e6:,.1f}M numbers"
        if missing:
            raise OutsideProfileError(
                f"the profile {self._name} does not reach the {operation}: it holds {missing}",
                remedy="measure the network instead, or profile the device to a greater extent",
            )
        return self.regressions[operation.family]


class LatencyPredictor:
    """Predicts latencies for the device and the settings of a profile.

    Results are cached with the units and super-blocks of the architectures, as counts are: for a child of a search only its new
    blocks are computed.

    Args:
        profile: the profile of a device.
        use_se: whether networks have squeeze-and-excitation.

    Attributes:
        profile: as given.
        use_se: as given.
    """

    def __init__(self, profile: Profile, use_se: bool = False) -> None:
        self.profile = profile
        self.use_se = use_se
        self._fold = profile.settings.fold_batch_norms
        self._times: OperationTimes | KindCosts = (
            KindCosts.from_dict(profile.whole, profile.name)
            if profile.whole
            else OperationTimes(profile.points, profile.regressions, profile.name, profile.fused)
        )
        self._correction = Correction(**profile.correction)
        self._key = f"latency/{profile.checksum}/{use_se}"
        latencies = [network["predicted"] for network in profile.networks]
        self._measured = min(latencies), max(latencies)
        self._heads: dict[tuple[int, int, int], float] = {}
        self._known: dict[Operation, float] = {}

    def milliseconds(self, architecture: BaseArchitecture, resolution: int = 224, num_classes: int = 1000) -> float:
        """Return the expected latency, in milliseconds for one image.

        Args:
            architecture: a row of super-blocks.
            resolution: height and width of the images.
            num_classes: outputs of the classifier.

        Raises:
            OutsideProfileError: it holds an operation that the profile does not reach.
            UserError: it is not a row of super-blocks.
        """
        if not isinstance(architecture, Architecture):
            raise UserError(f"latency is predicted for rows of super-blocks, not for a {type(architecture).__name__}")
        total, size, key = 0.0, resolution, self._key
        for block in architecture.blocks:
            seconds, size = block.cache.get((key, size)) or self._walk(block, size)
            total += seconds
        head = (architecture.out_channels, num_classes, size)
        total += self._heads.get(head) or self._head(head)
        return 1000 * total

    def predict(self, architecture: BaseArchitecture, resolution: int = 224, num_classes: int = 1000) -> Prediction:
        """Return the expected latency and how far it may be off; arguments and errors as for :meth:`milliseconds`.

        The uncertainty is the error on networks held out. It is larger where the operations are further from those that were
        measured than theirs, and for networks quicker or slower than all that were: twice as large at half the least latency.
        """
        expected = self.milliseconds(architecture, resolution, num_classes)
        assert isinstance(architecture, Architecture)
        operations = network_operations(architecture.blocks, resolution, num_classes, self._fold, self.use_se)
        held_out = self.profile.held_out
        more = max(0.0, relative_deviation(operations, self._times) ** 2 - held_out.operations**2)
        least, most = self._measured
        outside = max(0.0, math.log2(least / expected), math.log2(expected / most))
        return Prediction(expected, expected * (1 + outside) * math.sqrt(held_out.root_mean_square**2 + more))

    def seconds_of(self, operation: Operation) -> float:
        """Return the seconds that an operation adds to a network, for one image.

        Raises:
            OutsideProfileError: the profile does not reach it.
        """
        return self._seconds(operation)

    def seconds_of_convs(
        self, kind: str, kernel_size: int, stride: int, arrives: NDArray[np.int64], leaves: NDArray[np.int64], resolution: int
    ) -> Array:
        """Return what :meth:`seconds_of` does for dense convolutions of many widths; infinity where the profile does not reach.

        Args:
            kind: ``conv`` or ``stem``.
            kernel_size: of all.
            stride: of all.
            arrives: input channels of each.
            leaves: output channels of each.
            resolution: height and width of the inputs.
        """
        if isinstance(self._times, KindCosts):
            pairs = zip(arrives.tolist(), leaves.tolist(), strict=True)
            every = [Operation(kind, kernel_size, stride, *pair, resolution) for pair in pairs]
            return np.array([self._or_infinity(operation) for operation in every])
        widths: Any = arrives, leaves  # The arithmetic of an operation is that of arrays, too.
        many = Operation(kind, kernel_size, stride, widths[0], widths[1], resolution)
        alone = self._times.seconds_of_many(many)
        corrected: Array = np.maximum(np.asarray(self._correction.seconds(many, alone)), _LEAST_SHARE * alone)  # type: ignore[arg-type]
        return corrected

    def _or_infinity(self, operation: Operation) -> float:
        try:
            return self._seconds(operation)
        except OutsideProfileError:
            return math.inf

    def _walk(self, block: SuperBlock, resolution: int) -> tuple[float, int]:
        seconds, size = 0.0, resolution
        for unit in block.units:
            more, size = unit.cache.get((self._key, size)) or self._walk_unit(unit, size)
            seconds += more
        known = block.cache[self._key, resolution] = seconds, size
        return known

    def _walk_unit(self, unit: Unit, resolution: int) -> tuple[float, int]:
        operations, size = unit_operations(unit, resolution, self._fold, self.use_se)
        known = unit.cache[self._key, resolution] = sum(map(self._seconds, operations)), size
        return known

    def _seconds(self, operation: Operation) -> float:
        """Return what the operation adds to a network: at least a part of what it takes by itself."""
        known = self._known.get(operation)
        if known is None:
            alone = self._times.seconds(operation)
            known = self._known[operation] = max(self._correction.seconds(operation, alone), _LEAST_SHARE * alone)
        return known

    def _head(self, head: tuple[int, int, int]) -> float:
        channels, classes, size = head
        known = self._heads[head] = self._seconds(Operation(HEAD, 1, 1, channels, classes, size))
        return known


def relative_deviation(operations: Sequence[Operation], times: OperationTimes | KindCosts) -> float:
    """Return how uncertain the sum of the operations is, relative to it, each one's error being its own."""
    seconds = [times.seconds(operation) for operation in operations]
    deviations = [times.deviation(operation) for operation in operations]
    return math.sqrt(sum((s * d) ** 2 for s, d in zip(seconds, deviations, strict=True))) / sum(seconds)


def operation_of(family: str, in_channels: int, out_channels: int, resolution: int) -> Operation:
    """Return the operation of a family, as :attr:`Operation.family` names it.

    Example:
        >>> operation_of("conv3s2", 8, 16, 56).stride
        2
    """
    kind = family.rstrip("0123456789s") if family[-1].isdigit() else family
    kernel_size, stride = map(int, family[len(kind) :].split("s")) if family[-1].isdigit() else (1, 1)
    return Operation(kind, kernel_size, stride, in_channels, out_channels, resolution)
