"""From an operation to a call that runs it, as it runs inside a network."""

import itertools
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from zen_lightning.latency.clock import WallClock, waiting_for
from zen_lightning.latency.operations import ADD, CONV, DEPTHWISE, HEAD, NORM, RELU, SE, STEM, Operation
from zen_lightning.latency.runner import captured, placed
from zen_lightning.latency.settings import LatencySettings
from zen_lightning.nets.folding import fold_batch_norms
from zen_lightning.nets.modules import BATCH_NORM_EPS, Classifier, SqueezeExcite

_COLD_BYTES = 8 << 20
"""Bytes of weights that the copies hold together. A choice: more than the L2 cache of a core."""

_MOST_COPIES = 16
"""Copies at most. A choice: it bounds the memory and the time to build small operations."""

_LEAST_PASS, _LEAST_PASS_GPU = 3e-4, 2e-3
"""Seconds that a timed pass takes at least, on a CPU and on a GPU. A choice: hundreds of times what a clock resolves."""

_MOST_CALLS, _MOST_CALLS_GPU = 32, 128
"""Calls in a pass at most. A choice: a CUDA graph records every one of them."""


def operation_pass(operation: Operation, settings: LatencySettings) -> tuple[Callable[[], object], int]:
    """Return a call, and how often it runs the operation; to be called within ``measuring``.

    Inside a network the weights of an operation were last read a whole pass ago: here several copies take turns, so that no
    operation finds its weights in the innermost cache. On a GPU they are one CUDA graph, so that only kernels are
    timed: launches that nothing hides are part of the correction, which is fitted on whole networks.

    Args:
        operation: the operation to run.
        settings: how to run it.
    """
    weight_bytes = operation.weights * torch.finfo(_dtype(settings)).bits // 8
    copies = min(_MOST_COPIES, max(1, _COLD_BYTES // max(1, weight_bytes))) if operation.weights else 1
    modules = [_module(operation, settings) for _ in range(copies)]
    shape = (settings.batch_size, operation.in_channels, operation.resolution, operation.resolution)
    x_bchw = _images(shape, settings)
    if operation.kind == ADD:
        y_bchw = _images(shape, settings)
        relu = modules[0]

        def add() -> Tensor:
            out: Tensor = relu(x_bchw + y_bchw)
            return out

        calls: list[Callable[[], object]] = [add]
    else:
        calls = [lambda module=module: module(x_bchw) for module in modules]  # type: ignore[misc]
    count = _calls_a_pass(calls[0], settings)
    turns = itertools.cycle(calls)

    def run() -> None:
        for call in itertools.islice(turns, count):
            call()

    return (captured(run, settings.device) if settings.on_gpu else run), count


def _images(shape: tuple[int, ...], settings: LatencySettings) -> Tensor:
    """Return noise, drawn on the device: a profile's feature maps are many billions of numbers."""
    return placed(torch.randn(shape, device=settings.device, dtype=_dtype(settings)), settings)


def _calls_a_pass(call: Callable[[], object], settings: LatencySettings) -> int:
    """Return how many calls make a pass that a clock can time: one of a heavy operation, several of a light one."""
    clock = WallClock(waiting_for(settings.device))
    clock.time(call)
    seconds = max(clock.time(call), 1e-6)
    if settings.on_gpu:  # Launching a graph takes some microseconds, which must be a small part of a pass.
        return min(_MOST_CALLS_GPU, math.ceil(_LEAST_PASS_GPU / seconds))
    return min(_MOST_CALLS, math.ceil(_LEAST_PASS / seconds))


def _module(operation: Operation, settings: LatencySettings) -> nn.Module:
    channels = operation.out_channels
    module: nn.Module
    if operation.kind in (CONV, STEM, DEPTHWISE):
        module = nn.Conv2d(
            operation.in_channels,
            channels,
            operation.kernel_size,
            operation.stride,
            (operation.kernel_size - 1) // 2,
            groups=channels if operation.kind == DEPTHWISE else 1,
            bias=settings.fold_batch_norms,
        )
    elif operation.kind in (RELU, ADD):
        module = nn.ReLU(inplace=True)
    elif operation.kind == NORM:
        module = nn.BatchNorm2d(channels, eps=BATCH_NORM_EPS)
    elif operation.kind == SE:
        module = SqueezeExcite(channels).eval()
        module = fold_batch_norms(module) if settings.fold_batch_norms else module
    else:
        assert operation.kind == HEAD, operation
        module = Classifier(operation.in_channels, channels)
    return placed(module.eval(), settings)


def _dtype(settings: LatencySettings) -> torch.dtype:
    dtype = getattr(torch, settings.dtype)
    assert isinstance(dtype, torch.dtype)
    return dtype
