"""Fitting a predictor to measurements: regressions, the correction, and the error on networks held out."""

import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from zen_lightning.arch import Architecture
from zen_lightning.latency.correction import Correction, fit_correction, network_terms
from zen_lightning.latency.operations import Operation, network_operations
from zen_lightning.latency.predictor import OperationTimes, relative_deviation
from zen_lightning.latency.profile import HeldOut, Points


class MeasuredNetwork(NamedTuple):
    """A network that was measured whole.

    Attributes:
        architecture: the architecture.
        resolution: height and width of the images.
        num_classes: outputs of the classifier.
        milliseconds: measured latency for one image.
    """

    architecture: Architecture
    resolution: int
    num_classes: int
    milliseconds: float


@dataclass(frozen=True)
class Fit:
    """A predictor that was fitted.

    Attributes:
        regressions: the regression of each family, as a profile keeps it.
        correction: the correction of the sums.
        held_out: error on the networks that nothing was fitted on.
        predicted: milliseconds of each network, those of the fit first.
    """

    regressions: dict[str, dict[str, Any]]
    correction: Correction
    held_out: HeldOut
    predicted: list[float]


def fit(points: Points, fitted: Sequence[MeasuredNetwork], held_out: Sequence[MeasuredNetwork], fold: bool, name: str) -> Fit:
    """Fit the regressions to the points and the correction to whole networks, and measure the error on others.

    Args:
        points: measured operations.
        fitted: networks for the correction.
        held_out: networks for the error.
        fold: whether batch norms are folded.
        name: name of the profile, for errors.
    """
    times = OperationTimes(points, {}, name)
    terms, deviations, measured = [], [], []
    for network in (*fitted, *held_out):
        operations = network_operations(network.architecture.blocks, network.resolution, network.num_classes, fold)
        terms.append(network_terms(operations, [times.seconds(operation) for operation in operations]))
        deviations.append(relative_deviation(operations, times))
        measured.append(network.milliseconds / 1000)
    matrix, target, count = np.array(terms), np.array(measured), len(fitted)
    correction = fit_correction(matrix[:count], target[:count])
    predicted = (matrix @ np.array([*correction.factors, *correction.charges])).tolist()
    errors = held_out_error(predicted[count:], measured[count:], deviations[count:])
    regressions = {family: regression.fitted.as_dict() for family, regression in times.regressions.items()}
    return Fit(regressions, correction, errors, [1000 * seconds for seconds in predicted])


def held_out_error(predicted: Sequence[float], measured: Sequence[float], deviations: Sequence[float]) -> HeldOut:
    """Return the errors of predictions; at least two.

    Args:
        predicted: latencies.
        measured: those of the same networks.
        deviations: what the operations' own uncertainties add up to, relative.
    """
    errors = sorted(abs(p / m - 1) for p, m in zip(predicted, measured, strict=True))
    return HeldOut(
        networks=len(errors),
        median=statistics.median(errors),
        percentile_90=float(np.percentile(errors, 90)),
        root_mean_square=float(np.sqrt(np.mean(np.square(errors)))),
        spearman=_spearman(predicted, measured),
        operations=float(np.sqrt(np.mean(np.square(deviations)))),
    )


def as_points(measured: Mapping[Operation, float]) -> Points:
    """Return measured operations, seconds for one image, by family."""
    points: Points = defaultdict(list)
    for operation, seconds in sorted(measured.items()):
        row = (operation.in_channels, operation.out_channels, operation.resolution, float(f"{seconds * 1e6:.5g}"))
        points[operation.family].append(row)
    return dict(points)


def _spearman(one: Sequence[float], two: Sequence[float]) -> float:
    first, second = (np.argsort(np.argsort(values)).astype(float) for values in (one, two))
    return float(np.corrcoef(first, second)[0, 1])
