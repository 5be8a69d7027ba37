"""Precisions, each plain, with averaged weights and with accumulated gradients: training ends well, and its result is true."""

import math

from bench import Bench, history_of

_VARIANTS = {
    "plain": (),
    "ema": ("recipe.ema=0.9",),
    "accumulate": ("recipe.accumulate=2", "recipe.batch_size=16"),
}


def float32(bench: Bench) -> None:
    """Train in float32; on a GPU convolutions use TF32, whose rounding depends on the kernel."""
    _train_all(bench, "32-true", 1e-3 if bench.on_gpu else 1e-5)


def bfloat16(bench: Bench) -> None:
    """Train in mixed bfloat16."""
    _train_all(bench, "bf16-mixed", 5e-3)


def float16(bench: Bench) -> None:
    """Train in mixed float16, whose loss scaling and clipping belong together."""
    _train_all(bench, "16-mixed", 5e-3, "recipe.clip_norm=1.0")


def _train_all(bench: Bench, precision: str, tolerance: float, *more: str) -> None:
    """Train each variant, and compare what it reports with a fresh evaluation of its weights."""
    machine = [f"trainer.precision={precision}"]
    for name, keys in _VARIANTS.items():
        with bench.report.attempt(f"{precision} {name}"):
            result = bench.command(name, "task=train", *bench.digits(*keys, *more, *machine))
            rows = history_of(bench.folder / name)
            bench.report.figure(f"{name} top-1", result["val_top1"])
            losses = [row["train_loss"] for row in rows]
            bench.report.check(f"{name} learns", losses[-1] < losses[0] and all(map(math.isfinite, losses)), str(losses))
            # Batches as in the training's own validation, so that the same kernels run.
            batch = f"eval_batch_size={2 * result['recipe']['batch_size']}"
            arguments = ["task=evaluate", f"arch={bench.folder / name}", "dataset=digits", batch, *bench.trainer, *machine]
            again = bench.command(f"{name}-evaluated", *arguments)
            for key, allowed in (("val_top1", 100 * tolerance + 1e-3), ("val_loss", tolerance * again["val_loss"])):
                gap = abs(result[key] - again[key])
                bench.report.check(f"{name} {key} of its weights", gap <= allowed, f"{result[key]} and {again[key]}")
