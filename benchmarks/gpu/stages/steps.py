"""Training steps on a fixed batch: what the device does with these networks when nothing else is in the way."""

import gc
from typing import Any

import torch
from bench import Bench
from stages.compiled import CASE
from stepping import LARGE, MIDDLE, SMALL, make_step, time_steps

_CASES = (
    *(
        (name, batch, "bfloat16", True)
        for name, batch in ((SMALL, 64), (SMALL, 512), (MIDDLE, 64), (MIDDLE, 256), (LARGE, 256))
    ),
    *((name, batch, "float32", True) for name, batch in ((SMALL, 512), (MIDDLE, 256))),
    (MIDDLE, 256, "bfloat16", False),
)
"""Networks, batch sizes, number formats and whether channels lie last: a case takes six seconds on an H100, most of it for
building the network and for cuDNN's choice of kernels."""


def fixed_batch(bench: Bench) -> None:
    """Time every case, then the one that is compiled."""
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
        name, batch, mode = CASE
        how = {"network": name, "batch": batch, "dtype": "bfloat16", "channels_last": True}
        _show(bench, rows, how | {"compile": mode}, _timed(bench, how, mode), mode)


def _timed(bench: Bench, how: dict[str, Any], mode: str | None = None) -> dict[str, Any]:
    """Return what a case measured; empty where it failed."""
    found: dict[str, Any] = {}
    with bench.report.attempt(str(how)):
        if bench.on_gpu:
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
        try:
            step = make_step(how["network"], how["batch"], bench.device, how["dtype"], how["channels_last"], mode)
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
