"""Measuring how fast a network is on the device at hand."""

from zen_lightning.latency.limit import LatencyLimit
from zen_lightning.latency.measure import measure_latency

__all__ = ["LatencyLimit", "measure_latency"]
