"""How fast networks are: measuring a device, predicting from that, limits. Torch is loaded to measure, not to predict."""

from typing import TYPE_CHECKING, Any

from zen_lightning.system.callable_module import make_callable
from zen_lightning.system.lazy import lazy_name

make_callable(__name__, "zen_lightning.api.timing:latency")

_LAZY = {
    "LatencyLimit": "limit",
    "LatencyPredictor": "predictor",
    "LatencySettings": "settings",
    "Measured": "measured",
    "PredictedLatencyLimit": "predicted_limit",
    "Prediction": "predictor",
    "Profile": "profile",
    "find_profile": "profile",
    "measure_latency": "measure",
    "measure_network": "measure",
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
    return lazy_name(__name__, _LAZY, name)
