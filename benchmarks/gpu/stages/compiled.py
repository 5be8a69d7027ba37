"""``torch.compile``: of the product's training, and of a bare step, compiled beforehand beside other stages."""

import time

from bench import Bench, history_of
from stepping import SMALL, make_step

CASE = (SMALL, 512, "reduce-overhead")
"""Network, batch size and mode of what is compiled: a bare step, and the product's training on images of the device. Uncompiled
a step takes an H100 50 ms, and 43 ms with an eighth of the images: most of it is spent launching kernels, which a graph
replays."""


def train_compiled(bench: Bench) -> None:
    """Train with ``trainer.compile`` and without; the losses agree."""
    keys = ["trainer.precision=bf16-mixed"]
    runs = {"plain": [], **{mode: [f"trainer.compile={mode}"] for mode in ("default", "reduce-overhead")}}
    losses = {}
    for name, more in runs.items():
        with bench.report.attempt(name):
            began = time.monotonic()
            bench.command(name, "task=train", *bench.digits(*keys, *more, epochs=2))
            bench.report.figure(f"{name}, seconds", round(time.monotonic() - began, 1))
            losses[name] = [row["train_loss"] for row in history_of(bench.folder / name)]
    for name in runs:
        if name != "plain" and name in losses and "plain" in losses:
            gap = max(abs(a - b) / a for a, b in zip(losses["plain"], losses[name], strict=True))
            bench.report.check(f"{name}: losses of the plain training", gap < 0.05, f"relative gap {gap:.1e}")


def fill_cache(bench: Bench) -> None:
    """Compile a step, so that the stages that time it find it in the compiler's cache."""
    name, batch, mode = CASE
    began = time.monotonic()
    make_step(name, batch, bench.device, "bfloat16", True, mode)()
    bench.report.figure("compiling, seconds", round(time.monotonic() - began, 1))
