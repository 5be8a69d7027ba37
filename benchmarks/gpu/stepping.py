"""A bare training step of a published network on one batch that is already on the device, and how long it takes."""

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from zen_lightning import zoo

SMALL = "zennet_cifar10_model_size05M_res32"
MIDDLE = "zennet_imagenet1k_flops600M_SE_res224"
LARGE = "zennet_imagenet1k_latency01ms_res224"


def make_step(name: str, batch: int, device: str, dtype: str, channels_last: bool) -> Callable[[], Any]:
    """Return a call that takes a step: forward, backward, SGD.

    Args:
        name: of the zoo.
        batch: images.
        device: ``cuda`` or ``cpu``.
        dtype: ``float32``, or ``bfloat16`` for autocast.
        channels_last: memory format of weights and images.
    """
    known = zoo.entry(name)
    layout = torch.channels_last if channels_last else torch.contiguous_format
    network: nn.Module = zoo.create(name).train().to(device, memory_format=layout)
    images = torch.randn(batch, 3, known.resolution, known.resolution, device=device).to(memory_format=layout)
    labels = torch.randint(known.num_classes, (batch,), device=device)
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9, nesterov=True)

    def step() -> Any:
        optimizer.zero_grad()
        with torch.autocast(device, torch.bfloat16, enabled=dtype == "bfloat16"):
            loss = functional.cross_entropy(network(images), labels)
        loss.backward()
        optimizer.step()
        return loss

    return step


def time_steps(step: Callable[[], Any], batch: int, device: str, seconds: float, warm_up: int = 4) -> dict[str, float]:
    """Return images a second (the median of a few rounds), milliseconds a step and, on a GPU, the most memory in GiB."""
    on_gpu = device == "cuda"
    wait = torch.cuda.synchronize if on_gpu else (lambda: None)
    for _ in range(warm_up):
        step()
    wait()
    began = time.perf_counter()
    step()
    wait()
    each = time.perf_counter() - began
    steps = max(1, int(seconds / 3 / max(each, 1e-4)))
    rounds = []
    for _ in range(3):
        began = time.perf_counter()
        for _ in range(steps):
            step()
        wait()
        rounds.append((time.perf_counter() - began) / steps)
    median = statistics.median(rounds)
    found = {"images_per_second": round(batch / median, 1), "step_ms": round(1000 * median, 3)}
    return found | ({"memory_gib": round(torch.cuda.max_memory_allocated() / 2**30, 2)} if on_gpu else {})
