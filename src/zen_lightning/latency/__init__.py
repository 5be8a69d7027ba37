"""How fast networks are: measuring a device, predicting from that, limits. Torch is loaded to measure, not to predict."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from zen_lightning.system.callable_module import make_callable

make_callable(__name__, "zen_lightning.api.timing:latency")

_LAZY = {
    "LatencyLimit": "zen_lightning.latency.limit",
    "LatencyPredictor": "zen_lightning.latency.predictor",
    "LatencySettings": "zen_lightning.latency.settings",
    "Measured": "zen_lightning.latency.measured",
    "PredictedLatencyLimit": "zen_lightning.latency.predicted_limit",
    "Prediction": "zen_lightning.latency.predictor",
    "Profile": "zen_lightning.latency.profile",
    "find_profile": "zen_lightning.latency.profile",
    "measure_latency": "zen_lightning.latency.measure",
    "measure_network": "zen_lightning.latency.measure",
}

if TYPE_CHECKING:
    from zen_lightning.latency.limit import LatencyLimit
    from zen_lightning.latency.measure import measure_latency, measure_network
    from zen_lightning.latency.measured import Measured
    from zen_lightning.latency.predicted_limit import PredictedLatencyLimit
    from zen_lightning.latency.predictor import LatencyPredictor, Prediction
    from zen_lightning.latency.profile import Profile, find_profile
    from zen_lightning.latency.settings import LatencySettings

__all__ = [
    "LatencyLimit",
    "LatencyPredictor",
    "LatencySettings",
    "Measured",
    "PredictedLatencyLimit",
    "Prediction",
    "Profile",
    "find_profile",
    "measure_latency",
    "measure_network",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value
