"""``torch.compile``: of the product's training, and of bare steps, whose compilation is done beforehand beside other stages."""

import subprocess
import sys
import time

from bench import Bench, history_of

_CASES = (("SMALL", 64, "default"), ("SMALL", 64, "reduce-overhead"), ("SMALL", 512, "default"), ("MIDDLE", 64, "default"))


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
    """Compile the steps once, each in a process of its own, so that the timed stage finds them in the compiler's cache."""
    processes = {
        case: subprocess.Popen(
            [sys.executable, "-u", "-m", "stages.compiled", case[0], str(case[1]), case[2]], stdout=subprocess.PIPE
        )
        for case in _CASES
    }
    for case, process in processes.items():
        out = process.communicate()[0].decode().strip().splitlines()
        seconds = out[-1] if out else "none"
        bench.report.check(f"compile {case}", process.returncode == 0, f"{seconds} s")


def steps(bench: Bench) -> None:
    """Time compiled steps on a fixed batch."""
    import stepping

    rows = []
    for name, batch, mode in _CASES:
        how = {"network": getattr(stepping, name), "batch": batch, "mode": mode}
        with bench.report.attempt(str(how)):
            began = time.monotonic()
            step = stepping.make_step(how["network"], batch, bench.device, "bfloat16", True, mode)
            step()
            compiling = round(time.monotonic() - began, 1)
            found = stepping.time_steps(step, batch, bench.device, 0.8)
            rows.append(how | {"compiling_seconds": compiling} | found)
            bench.report.figure("compiled", rows)
            bench.report.figure(f"{name.lower()}@{batch} {mode}", f"{found['images_per_second']:.0f}/s")


def _compile_once(name: str, batch: int, mode: str) -> None:
    import stepping

    began = time.monotonic()
    step = stepping.make_step(getattr(stepping, name), batch, "cuda", "bfloat16", True, mode)
    step()
    print(round(time.monotonic() - began, 1))


if __name__ == "__main__":
    _compile_once(sys.argv[1], int(sys.argv[2]), sys.argv[3])
