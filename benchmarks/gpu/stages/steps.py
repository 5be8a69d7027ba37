"""Training steps on a fixed batch: what the device does with these networks when nothing else is in the way."""

import gc

import torch
from bench import Bench
from stepping import LARGE, MIDDLE, SMALL, make_step, time_steps

_CASES = ((SMALL, 64), (SMALL, 512), (MIDDLE, 64), (MIDDLE, 256), (LARGE, 64), (LARGE, 256))


def fixed_batch(bench: Bench) -> None:
    """Time every network and batch size in float32 and bfloat16, channels last and not."""
    torch.backends.cudnn.benchmark = True
    if not bench.on_gpu:
        torch.set_num_threads(bench.cores)
    cases = ((SMALL, 2),) if bench.quick else _CASES
    rows = []
    for channels_last in (True,) if bench.quick else (True, False):
        for dtype in ("bfloat16", "float32"):
            for name, batch in cases if channels_last else cases[::2]:
                how = {"network": name, "batch": batch, "dtype": dtype, "channels_last": channels_last}
                with bench.report.attempt(str(how)):
                    if bench.on_gpu:
                        torch.cuda.empty_cache()
                        torch.cuda.reset_peak_memory_stats()
                    step = None
                    try:
                        step = make_step(name, batch, bench.device, dtype, channels_last)
                        found = time_steps(step, batch, bench.device, *((0.0, 0) if bench.quick else (0.7, 4)))
                    except torch.OutOfMemoryError:  # A figure as good as any.
                        found = {"images_per_second": 0.0, "out_of_memory": True}
                    rows.append(how | found)
                    bench.report.figure("steps", rows)
                    del step
                gc.collect()
    if bench.on_gpu:
        bench.report.figure("tf32 in convolutions", torch.backends.cudnn.allow_tf32)
    for name, batch in cases:
        of_one = [row for row in rows if (row["network"], row["batch"]) == (name, batch)]
        of_it = {(row["dtype"], row["channels_last"]): row["images_per_second"] for row in of_one}
        if of_it:
            best = max(of_it, key=lambda how: of_it[how])
            bench.report.figure(f"{name.split('_')[-2]}@{batch}", f"{of_it[best]:.0f}/s {best[0]}{' cl' * best[1]}")
