"""Training steps on a fixed batch: what the device does with these networks when nothing else is in the way."""

import gc
from typing import Any

import torch
from bench import Bench
from stepping import LARGE, MIDDLE, SMALL, make_step, time_steps

_CASES = (
    (MIDDLE, 256, "bfloat16", True),
    (LARGE, 256, "bfloat16", True),
    (SMALL, 512, "float32", True),
    (MIDDLE, 256, "float32", True),
    (MIDDLE, 256, "bfloat16", False),
)
"""Networks, batch sizes, number formats and whether channels lie last, what was not yet measured first. A case takes 6 to 30
seconds on an H200, most of it for cuDNN's choice of kernels."""


def fixed_batch(bench: Bench) -> None:
    """Time every case."""
    torch.backends.cudnn.benchmark = True
    if not bench.on_gpu:
        torch.set_num_threads(1 if bench.quick else bench.cores)  # On busy cores, threads would wait for each other.
    cases = (*((SMALL, 2, dtype, True) for dtype in ("bfloat16", "float32")),) if bench.quick else _CASES
    rows: list[dict[str, Any]] = []
    for name, batch, dtype, channels_last in cases:
        how = {"network": name, "batch": batch, "dtype": dtype, "channels_last": channels_last}
        found = _timed(bench, how)
        _show(bench, rows, how, found, f"{dtype}{' cl' * channels_last}")
    if bench.on_gpu:
        bench.report.figure("tf32 in convolutions", torch.backends.cudnn.allow_tf32)


def _timed(bench: Bench, how: dict[str, Any]) -> dict[str, Any]:
    """Return what a case measured; empty where it failed."""
    found: dict[str, Any] = {}
    with bench.report.attempt(str(how)):
        if bench.on_gpu:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        try:
            step = make_step(how["network"], how["batch"], bench.device, how["dtype"], how["channels_last"])
            found = dict(time_steps(step, how["batch"], bench.device, *((0.0, 0) if bench.quick else (0.7, 4))))
            del step
        except torch.OutOfMemoryError:  # A figure as good as any.
            found = {"images_per_second": 0.0, "step_ms": 0.0, "out_of_memory": True}
    gc.collect()
    return found


def _show(bench: Bench, rows: list[dict[str, Any]], how: dict[str, Any], found: dict[str, Any], label: str) -> None:
    if found:
        rows.append(how | found)
        bench.report.figure("steps", rows)
        short = how["network"].split("_")[-2]
        bench.report.figure(f"{short}@{how['batch']} {label}", f"{found['images_per_second']:.0f}/s {found['step_ms']:.3g} ms")
