"""DDP: one process (NCCL on a GPU), and two processes that share the device, with gloo."""

from bench import Bench, history_of, result_of


def one_and_two(bench: Bench) -> None:
    """Train alone, as DDP of one, and as two ranks with the same global batches and batch norms over both."""
    exact = ["trainer.deterministic=true", "trainer.precision=32-true"]
    with bench.report.attempt("one process"):
        bench.command("plain", "task=train", *bench.digits(*exact, "recipe.batch_size=32", epochs=2))
    with bench.report.attempt("two ranks"):
        _two(bench, exact)
    with bench.report.attempt("DDP of one"):
        bench.command("ddp", "task=train", *bench.digits(*exact, "recipe.batch_size=32", "trainer.strategy=ddp", epochs=2))
        _same(bench, "DDP of one process", "ddp", 1e-4)


def _two(bench: Bench, exact: list[str]) -> None:
    """Start two ranks on the one device."""
    arguments = ["task=train", *bench.digits(*exact, "recipe.batch_size=16", epochs=2), "trainer.sync_batchnorm=true"]
    arguments.remove("trainer.devices=1")
    both = f"trainer.devices={'[0,0]' if bench.on_gpu else 2}"
    own = [both, "trainer.strategy=ddp", "trainer.process_group_backend=gloo"]
    bench.ended("two", bench.start("two", *arguments, *own))
    # Sums over two ranks are rounded in another order.
    _same(bench, "two ranks, batch norms over both", "two", 5e-2)
    evaluate = ["task=evaluate", f"arch={bench.folder / 'two'}", "dataset=digits", "eval_batch_size=32", *bench.trainer]
    again = bench.command("two-evaluated", *evaluate)
    result = result_of(bench.folder / "two")
    for key, allowed in (("val_top1", 1e-2), ("val_loss", 1e-3 if bench.on_gpu else 1e-5)):
        gap = abs(result[key] - again[key])
        bench.report.check(f"two ranks: {key} of the weights", gap <= allowed, f"{result[key]} and {again[key]}")


def _same(bench: Bench, what: str, name: str, tolerance: float) -> None:
    """Compare the losses of all epochs with those of one process."""
    one, other = ([row["train_loss"] for row in history_of(bench.folder / run)] for run in ("plain", name))
    gap = max(abs(a - b) / a for a, b in zip(one, other, strict=True))
    bench.report.check(f"{what}: losses of one process", gap <= tolerance, f"relative gap {gap:.1e}")
