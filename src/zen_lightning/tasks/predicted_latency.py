"""What is known of a latency that a profile predicts, and what is measured beside it."""

from typing import NamedTuple

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import Budget
from zen_lightning.latency.predicted_limit import PredictedLatencyLimit


class NetworkLatency(NamedTuple):
    """What is known of a finalist's latency, in milliseconds for one image.

    Attributes:
        predicted: by the profile.
        uncertainty: one standard deviation of its error.
        measured: on this device; None where the profile is of another.
        spread: of that measurement.
        warning: where the measurement is not to be trusted, why.
    """

    predicted: float
    uncertainty: float
    measured: float | None = None
    spread: float | None = None
    warning: str | None = None

    def __str__(self) -> str:
        predicted = f"predicted {self.predicted:.4g} ± {self.uncertainty:.2g} ms"
        return predicted if self.measured is None else f"{predicted}, measured {self.measured:.4g} ms"


def predicted_limit(budget: Budget) -> PredictedLatencyLimit | None:
    """Return the limit of a budget that a profile predicts, if it has one."""
    return next((limit for limit in budget.limits if isinstance(limit, PredictedLatencyLimit)), None)


def predict_latency_of(limit: PredictedLatencyLimit, architecture: BaseArchitecture) -> NetworkLatency:
    """Return what the profile of a limit predicts."""
    return NetworkLatency(*limit.predictor.predict(architecture, limit.resolution, limit.num_classes))


def measure_latency_of(limit: PredictedLatencyLimit, architecture: BaseArchitecture, seconds: float) -> NetworkLatency:
    """Return what the profile of a limit predicts, and what is measured on this device by its settings."""
    from zen_lightning.latency.measure import measure_network

    settings = limit.predictor.profile.settings
    found = measure_network(architecture, settings, limit.resolution, limit.num_classes, seconds=seconds)
    predicted = predict_latency_of(limit, architecture)
    return predicted._replace(measured=found.milliseconds, spread=found.spread, warning=found.warning)
