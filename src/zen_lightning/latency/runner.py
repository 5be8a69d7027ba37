"""From a module and settings to a call that makes one pass."""

import ctypes
import io
import logging
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import torch
from torch import Tensor, nn

from zen_lightning.errors import UserError
from zen_lightning.latency.settings import LatencySettings
from zen_lightning.nets.compiler_cache import use_own_compiler_cache
from zen_lightning.nets.device import require_device
from zen_lightning.nets.folding import fold_batch_norms

_DTYPES = {"float16": torch.float16, "bfloat16": torch.bfloat16, "float32": torch.float32}
_CAPTURE_WARM_UP = 3
"""Calls before a capture: what PyTorch's documentation of CUDA graphs does (cuDNN and cuBLAS set up their workspaces)."""

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4
"""Parameters of glibc's mallopt (malloc.h)."""
_M = TypeVar("_M", bound=nn.Module | Tensor)


def check_present(settings: LatencySettings) -> None:
    """Raise a UserError where the device of the settings is not here."""
    if settings.elsewhere:
        raise UserError(f"nothing is measured here for {settings.device}", remedy="its latencies are predicted")
    require_device(settings.device)


def device_present(device: str) -> bool:
    """Whether torch finds a device here.

    Raises:
        UserError: it is no name of a device.
    """
    settings = LatencySettings(device=device)
    try:
        check_present(settings)
    except UserError:
        return False
    return True


@contextmanager
def measuring(settings: LatencySettings) -> Iterator[None]:
    """Set torch up for measurements: threads, cuDNN's own search for the fastest kernels, no gradients.

    On Linux, memory that a CPU network frees stays with the process until it ends, as allocators do that serve networks: else
    the operating system hands out and clears large feature maps again in every pass, and half of what is measured is that.
    """
    check_present(settings)
    threads, benchmark = torch.get_num_threads(), torch.backends.cudnn.benchmark
    if settings.device == "cpu":
        _keep_freed_memory()
        torch.set_num_threads(settings.threads)
    torch.backends.cudnn.benchmark = True
    try:
        with torch.inference_mode():
            yield
    finally:
        torch.set_num_threads(threads)
        torch.backends.cudnn.benchmark = benchmark


@contextmanager
def enough_memory(settings: LatencySettings) -> Iterator[None]:
    """Turn torch's error about memory into a sentence.

    Raises:
        UserError: the device has too little memory.
    """
    try:
        yield
    except RuntimeError as error:  # torch.OutOfMemoryError is one; that of the CPU has no class of its own.
        if "memory" not in str(error):
            raise
        raise UserError(
            f"too much for the memory of {settings.device}",
            key="batch_size",
            value=settings.batch_size,
            remedy="use a smaller one",
        ) from error


def placed(item: _M, settings: LatencySettings) -> _M:
    """Return a module or a batch of images in the dtype, on the device and in the memory format of the settings."""
    layout = torch.channels_last if settings.channels_last else torch.contiguous_format
    moved: Any = item.to(device=settings.device, dtype=_DTYPES[settings.dtype], memory_format=layout)  # type: ignore[call-overload]
    return cast(_M, moved)


def network_pass(network: nn.Module, images_bchw: Tensor, settings: LatencySettings) -> Callable[[], object]:
    """Return a call that runs a network on a batch as the settings say; to be called within :func:`measuring`.

    Args:
        network: a network in eval mode, on the CPU; it may be moved and cast.
        images_bchw: a batch of images, on the CPU.
        settings: how to run it.

    Raises:
        MissingExtraError: onnxruntime is asked for and not installed.
        UserError: the compiler fails.
    """
    if settings.engine == "onnxruntime":
        return _onnx_pass(network, images_bchw, settings)
    prepared = fold_batch_norms(network) if settings.fold_batch_norms else network
    module, images = placed(prepared, settings), placed(images_bchw, settings)
    if settings.compile:
        torch.compiler.reset()  # Else the ninth network runs uncompiled, and a second batch size as a dynamic shape.
        use_own_compiler_cache()
        module = torch.compile(module, dynamic=False)  # type: ignore[assignment]
        try:
            module(images)
        except Exception as error:  # The compiler answers with many kinds, a missing C++ compiler among them.
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise UserError(f"torch cannot compile this network: {reason}", key="compile", value="true") from error
    if settings.cuda_graph:
        return captured(lambda: module(images), settings.device)
    return lambda: module(images)


def captured(run: Callable[[], object], device: str) -> Callable[[], object]:
    """Return a call that replays ``run`` as one CUDA graph.

    Args:
        run: reads and writes the same memory each time; it is called a few times before it is captured.
        device: a CUDA device.
    """
    with torch.cuda.device(device):
        side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(_CAPTURE_WARM_UP):
                run()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            kept = run()

    def replay() -> object:
        _ = run  # The graph reads and writes the memory of what this holds.
        graph.replay()
        return kept

    return replay


def _onnx_pass(network: nn.Module, images_bchw: Tensor, settings: LatencySettings) -> Callable[[], object]:
    from zen_lightning.nets.export import OnnxExporter

    exporter = OnnxExporter()
    exporter.require()
    prepared = fold_batch_norms(network) if settings.fold_batch_norms else network
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        with torch.inference_mode(False), torch.no_grad(), _quietly():
            exporter.save(exporter.convert(prepared, images_bchw.clone(), dynamic_batch=False), path, {})
        session = exporter.load(path)
    return lambda: session(images_bchw)


@contextmanager
def _quietly() -> Iterator[None]:
    """Silence what torch's exporter prints and logs."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            yield
    finally:
        logging.disable(level)


@cache
def _keep_freed_memory() -> None:
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_TRIM_THRESHOLD, 2**31 - 1)
        mallopt(_MMAP_MAX, 0)
