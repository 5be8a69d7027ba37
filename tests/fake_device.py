"""A device whose latencies are a formula: profiles of it are made in a moment, and what is true is known."""

import math
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from zen_lightning.arch import Architecture
from zen_lightning.latency.grid import Extent
from zen_lightning.latency.operations import Operation, network_operations
from zen_lightning.latency.profile import Profile
from zen_lightning.latency.profiler import Measurer, profile_device
from zen_lightning.latency.settings import LatencySettings
from zen_lightning.latency.timing import Timing

SETTINGS = LatencySettings(batch_size=2)
EXTENT = Extent((8e6, 5e8), drawn=4, fitted=16, held_out=8, networks_from=12)


def operation_seconds(operation: Operation) -> float:
    """For one image: a roofline, with vectors that odd multiples of 8 do not fill."""
    filled = 1.0 if operation.out_channels % 16 == 0 else 0.8
    return 4e-6 + operation.macs * 2e-11 / filled + operation.elements * 2e-10 + operation.weights * 5e-11


def network_seconds(network: Architecture) -> float:
    """For one image: a little more than its operations."""
    operations = network_operations(network.blocks, 224, 1000)
    return sum(1.1 * operation_seconds(operation) + 2e-6 for operation in operations)


class FakeMeasurer(Measurer):
    """Looks latencies up; nothing runs.

    Args:
        stop_after: measurements, then a KeyboardInterrupt; None for never.
    """

    def __init__(self, stop_after: int | None = None) -> None:
        super().__init__(SETTINGS)
        self.measured = 0
        self._left = math.inf if stop_after is None else stop_after

    def operation(self, operation: Operation) -> Timing:
        return self._timing(operation_seconds(operation))

    def network(self, network: Architecture) -> Timing:
        return self._timing(network_seconds(network))

    def _timing(self, seconds: float) -> Timing:
        if self.measured >= self._left:
            raise KeyboardInterrupt
        self.measured += 1
        whole = SETTINGS.batch_size * seconds
        return Timing(whole, 1.01 * whole, 1.02 * whole, 20)


@cache
def fake_profile() -> Profile:
    """Return the profile of the device."""
    with TemporaryDirectory() as folder:
        return profile_device(SETTINGS, EXTENT, Path(folder) / "fake.json", measurer=FakeMeasurer())
