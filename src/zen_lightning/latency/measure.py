"""The latency of a network, measured."""

import statistics

import torch

from zen_lightning.arch import BaseArchitecture
from zen_lightning.latency.clock import WallClock, clock_for, waiting_for
from zen_lightning.latency.measured import Measured
from zen_lightning.latency.runner import check_present, enough_memory, measuring, network_pass
from zen_lightning.latency.settings import LatencySettings
from zen_lightning.latency.timing import time_calls
from zen_lightning.nets import build_network

_SECONDS = 2.0
"""Seconds of timed passes. A choice: what a person waits for without thinking of it."""

_ROUNDS = 3
"""Parts of that time, the quickest of which counts. A choice: a disturbance shorter than half a second spares one of them."""


def measure_network(
    architecture: BaseArchitecture,
    settings: LatencySettings,
    resolution: int = 224,
    num_classes: int = 1000,
    use_se: bool = False,
    seconds: float = _SECONDS,
) -> Measured:
    """Build a network with random weights, and time it: warm-up until it is steady, then passes until the time is up.

    On a GPU passes are timed by CUDA events. With one thread on a CPU they are timed on the thread's own clock, which stands
    still while others have the core.

    Args:
        architecture: what to build, in eval mode.
        settings: how to run it.
        resolution: height and width of the images.
        num_classes: logits.
        use_se: whether it has squeeze-and-excitation.
        seconds: time for the passes; at least fifteen are made.

    Raises:
        UserError: the device is not there, or has too little memory.
        MissingExtraError: ONNX Runtime is asked for and not installed.

    Example:
        >>> from zen_lightning.arch import Architecture
        >>> small = Architecture.parse("SuperConvK3BNRELU(3,8,2,1)")
        >>> measure_network(small, LatencySettings(batch_size=1), resolution=32, seconds=0.01).milliseconds > 0
        True
    """
    network = build_network(architecture, num_classes, use_se).eval()
    with enough_memory(settings), measuring(settings):
        images_bchw = torch.randn(settings.batch_size, architecture.in_channels, resolution, resolution)
        run = network_pass(network, images_bchw, settings)
        return Measured.of(time_calls(run, clock_for(settings), seconds, _ROUNDS), settings.batch_size)


@torch.no_grad()
def measure_latency(
    architecture: BaseArchitecture,
    resolution: int = 224,
    num_classes: int = 1000,
    batch_size: int = 64,
    dtype: str = "float16",
    device: str = "cuda",
    repeats: int = 10,
    warm_up: int = 3,
) -> float:
    """Return milliseconds for one image: the median of passes of the network as it is, batch norms not folded.

    Args:
        architecture: what to build and time, in eval mode.
        resolution: height and width of the images.
        num_classes: logits.
        batch_size: images a pass.
        dtype: ``float16``, ``bfloat16`` or ``float32``.
        device: torch's name of it.
        repeats: timed passes.
        warm_up: passes before them.

    Raises:
        UserError: the device is not there, or the dtype is unknown.
    """
    settings = LatencySettings(device=device, dtype=dtype, batch_size=batch_size)
    check_present(settings)
    kind = getattr(torch, dtype)
    network = build_network(architecture, num_classes).eval().to(device=device, dtype=kind)
    images = torch.randn(batch_size, architecture.in_channels, resolution, resolution, device=device, dtype=kind)
    for _ in range(warm_up):
        network(images)
    clock = WallClock(waiting_for(device))
    seconds = [clock.time(lambda: network(images)) for _ in range(repeats)]
    return 1000 * statistics.median(seconds) / batch_size
