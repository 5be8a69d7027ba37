"""``torch.compile`` of the product's training."""

import time

from bench import Bench, history_of


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
