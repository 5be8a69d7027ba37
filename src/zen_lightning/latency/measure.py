"""The latency of a network, measured."""

import statistics
import time

import torch

from zen_lightning.arch import BaseArchitecture
from zen_lightning.device import check_device
from zen_lightning.errors import UserError
from zen_lightning.nets import build_network

_DTYPES = {"float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32}


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
    """Return milliseconds for one image: the median of repeated forward passes of a batch, divided by its size.

    Args:
        architecture: what to build and time, in eval mode.
        resolution: height and width of the images.
        num_classes: logits.
        batch_size: images a pass.
        dtype: ``float16``, ``bfloat16`` or ``float32``.
        device: of torch.
        repeats: timed passes.
        warm_up: passes before them.

    Raises:
        UserError: the device is not there, or the dtype is unknown.
    """
    if dtype not in _DTYPES:
        raise UserError(f"latency dtype {dtype!r}: choose one of {', '.join(_DTYPES)}")
    check_device(device, "latency device ")
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise UserError(
            "this budget measures latency on a CUDA GPU, and PyTorch finds none here: "
            "add latency.device=cpu latency.dtype=float32 to measure on the CPU"
        )
    network = build_network(architecture, num_classes).eval().to(device=device, dtype=_DTYPES[dtype])
    images = torch.randn(batch_size, 3, resolution, resolution, device=device, dtype=_DTYPES[dtype])
    for _ in range(warm_up):
        network(images)
    seconds = []
    for _ in range(repeats):
        _wait(device)
        began = time.perf_counter()
        network(images)
        _wait(device)
        seconds.append(time.perf_counter() - began)
    return 1000 * statistics.median(seconds) / batch_size


def _wait(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
    elif device.startswith("mps"):
        torch.mps.synchronize()
