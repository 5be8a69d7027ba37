"""What is known of a latency that a profile predicts, and what is measured beside it."""

from typing import Any, NamedTuple

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

    def as_dict(self) -> dict[str, Any]:
        """Return what a result says of it."""
        return {
            "predicted_ms": self.predicted,
            "uncertainty_ms": self.uncertainty,
            "measured_ms": self.measured,
            "spread": self.spread,
            "trusted": self.measured is not None and self.warning is None,
        }


def profile_facts(limit: PredictedLatencyLimit) -> dict[str, Any]:
    """Return what a result says of the profile that a limit goes by, and by what its predictions were multiplied."""
    profile = limit.predictor.profile
    return {
        "factor": limit.factor,
        "profile": profile.name,
        "checksum": profile.checksum,
        "device": profile.device["name"],
        "settings": profile.settings.as_dict(),
    }


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
