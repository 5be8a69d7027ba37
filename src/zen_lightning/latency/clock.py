"""The clocks of devices."""

import time
from collections.abc import Callable

import torch

from zen_lightning.latency.settings import LatencySettings
from zen_lightning.latency.timing import Clock

_FINE = 1e-6
"""Seconds of resolution that the thread's clock must have. A choice: 0.3% of the shortest pass that is timed, 0.3 ms."""


class WallClock(Clock):
    """The time that passed, until the device is done.

    Args:
        synchronise: waits for the device.
    """

    def __init__(self, synchronise: Callable[[], object] = lambda: None) -> None:
        self._synchronise = synchronise

    def time(self, run: Callable[[], object]) -> float:
        """See :class:`Clock`."""
        self._synchronise()
        began = time.perf_counter()
        run()
        self._synchronise()
        return time.perf_counter() - began


class ThreadClock(Clock):
    """The time that this thread had a core: what passes on an idle machine, whatever else runs on this one.

    It is right only where the thread does all the work itself.
    """

    def time(self, run: Callable[[], object]) -> float:
        """See :class:`Clock`."""
        began = time.thread_time()
        run()
        return time.thread_time() - began


class EventClock(Clock):
    """The time between two events on the current stream of a GPU.

    Args:
        device: a CUDA device.
    """

    def __init__(self, device: str) -> None:
        self._device = torch.device(device)
        self._stream = torch.cuda.current_stream(self._device)
        self._begin = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
        self._end = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]

    def time(self, run: Callable[[], object]) -> float:
        """See :class:`Clock`."""
        torch.cuda.synchronize(self._device)
        self._begin.record(self._stream)
        run()
        self._end.record(self._stream)
        self._end.synchronize()
        return float(self._begin.elapsed_time(self._end)) / 1000


def waiting_for(device: str) -> Callable[[], object]:
    """Return a call that waits until a device is done; a CPU always is."""
    if device.startswith("cuda"):
        return lambda: torch.cuda.synchronize(device)
    return torch.mps.synchronize if device.startswith("mps") else lambda: None


def clock_for(settings: LatencySettings) -> Clock:
    """Return the clock of a device: events on a GPU, the thread's own time for one thread of a CPU, else the wall's."""
    if settings.on_gpu:
        return EventClock(settings.device)
    if settings.device == "mps":
        return WallClock(waiting_for(settings.device))
    if settings.engine == "torch" and settings.threads == 1 and time.get_clock_info("thread_time").resolution <= _FINE:
        return ThreadClock()
    return WallClock()
