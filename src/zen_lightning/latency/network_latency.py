"""Predicting, and measuring, the latency of what a search under a profile finds."""

from typing import Any

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import Budget
from zen_lightning.budget.network_latency import NetworkLatency
from zen_lightning.latency.predicted_limit import PredictedLatencyLimit


def profile_facts(limit: PredictedLatencyLimit) -> dict[str, Any]:
    """Return what a result says of the profile of a limit, and of the factor by which its predictions were multiplied."""
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
