"""A training that SIGTERM stops and ``resume=auto`` continues ends as one that nobody disturbed, to the last bit."""

import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from bench import Bench, history_of

_REQUEUE_CODE = 75


def killed_and_resumed(bench: Bench) -> None:
    """Run each way twice at the same time: undisturbed, and stopped in the middle; then compare all tensors."""
    ways = {
        "float32": ["trainer.precision=32-true"],
        "mixed": ["trainer.precision=bf16-mixed", "recipe.ema=0.9", "recipe.accumulate=2", "recipe.batch_size=16"],
    }
    if bench.quick:
        ways.pop("float32")
    epochs = 3 if bench.quick else 8
    commands = {
        name: ["task=train", *bench.digits(*keys, epochs=epochs), "trainer.deterministic=true", "resume=auto"]
        for name, keys in ways.items()
    }
    whole = {name: bench.start(f"{name}-whole", *command) for name, command in commands.items()}
    stopped = {name: bench.start(f"{name}-stopped", *command) for name, command in commands.items()}
    waiting = dict(stopped)
    while waiting:
        for name, process in list(waiting.items()):
            folder = bench.folder / f"{name}-stopped"
            if history_of(folder) or process.poll() is not None:
                process.send_signal(signal.SIGTERM)
                waiting.pop(name)
        time.sleep(0.01)
    for name, command in commands.items():
        with bench.report.attempt(name):
            _compare(bench, name, command, stopped[name], whole[name])


def _compare(
    bench: Bench, name: str, command: list[str], stopped: "subprocess.Popen[bytes]", whole: "subprocess.Popen[bytes]"
) -> None:
    code = stopped.wait()
    bench.report.check(f"{name}: SIGTERM ends with {_REQUEUE_CODE}", code == _REQUEUE_CODE, f"code {code}")
    epochs = len(history_of(bench.folder / f"{name}-stopped"))
    bench.report.figure(f"{name}: stopped after epochs", epochs)
    bench.ended(f"{name}-stopped", bench.start(f"{name}-stopped", *command))
    bench.ended(f"{name}-whole", whole)
    one, other = (_tensors(bench.folder / f"{name}-{kind}") for kind in ("whole", "stopped"))
    bench.report.check(f"{name}: the same tensors are there", one.keys() == other.keys() and len(one) > 0, f"{len(one)}")
    unequal = [key for key in one if key in other and not _equal(one[key], other[key])]
    bench.report.check(f"{name}: all {len(one)} tensors bit-equal", not unequal, ", ".join(unequal[:5]))


def _tensors(folder: Path) -> dict[str, Any]:
    """Return the tensors of the weights and of the last checkpoint, by their path."""
    import torch
    from safetensors.torch import load_file

    found = {f"weights/{key}": value for key, value in load_file(folder / "weights.safetensors").items()}

    def collect(item: Any, path: str) -> None:
        if isinstance(item, torch.Tensor):
            found[path] = item
        elif isinstance(item, dict):
            for key, value in item.items():
                collect(value, f"{path}/{key}")
        elif isinstance(item, list | tuple):
            for number, value in enumerate(item):
                collect(value, f"{path}/{number}")

    collect(torch.load(folder / "checkpoints" / "last.ckpt", map_location="cpu", weights_only=True), "last")
    return found


def _equal(one: Any, other: Any) -> bool:
    return one.dtype == other.dtype and one.shape == other.shape and bool((one == other).all())
