"""A published network from random weights on CIFAR-10 (JPEG) in 30 epochs, at one learning rate or several at a time."""

import os
import statistics
import time

from bench import Bench, history_of
from cifar_images import dataset, unpacked
from stepping import SMALL

_BATCH = 256
"""A step takes 37 to 50 ms to launch whatever the batch, so that 30 epochs of batches of 384 took an H200 240 s and reached
87.2%. With CUDA graphs and images on the device, 512 images took 19 ms: smaller batches, and two rates at once, fit then."""

_VALIDATE_EVERY = 3
"""Epochs; a validation takes more than a second."""

_TARGET = 92.0
_EPOCHS = 30


def train(bench: Bench) -> None:
    """Train at all rates beside each other, keeping the curves as they grow."""
    place = unpacked(bench.shared, every=100 if bench.quick else 1)
    if place is None:
        bench.report.figure("left_out", "the archive of CIFAR-10 is not here")
        return
    bench.report.figure("unpacked after, seconds", bench.report.content["seconds"])
    epochs = 1 if bench.quick else _EPOCHS
    rates = tuple(map(float, os.environ.get("GPU_CHECK_RATES", "0.2").split(",")))[: 1 if bench.quick else None]
    # Few epochs see each image too seldom for the strong augmentation of the recipe: crop and flip alone.
    light = ["recipe.augmentation.policy=null", "recipe.augmentation.erasing=0", "recipe.mixup=0", "recipe.bn_momentum=0.1"]
    fast = [f"recipe.batch_size={_BATCH}", "trainer=gpu", f"trainer.validate_every={_VALIDATE_EVERY}"]
    fast += ["trainer.compile=reduce-overhead"]
    size = ["limit=64", "recipe.batch_size=32", "trainer=cpu"] if bench.quick else fast
    common = [f"arch={SMALL}", *dataset(place), *light, *size, "logger=none", "dataset.placement=device"]
    common += [f"recipe.epochs={epochs}", f"recipe.warmup_epochs={0.1 * epochs}"]
    began = time.monotonic()
    processes = {rate: bench.start(f"lr{rate}", "task=train", *common, f"recipe.lr={rate}") for rate in rates}
    while any(process.poll() is None for process in processes.values()):
        time.sleep(0.5)
        _keep(bench, rates)
    for rate, process in processes.items():
        with bench.report.attempt(f"lr {rate}"):
            bench.ended(f"lr{rate}", process)
    wall = time.monotonic() - began
    best = _keep(bench, rates)
    bench.report.figure("wall seconds, beside other stages", round(wall, 1))
    seconds = [row["seconds"] for rate in rates for row in history_of(bench.folder / f"lr{rate}")]
    if seconds:
        each = statistics.median(seconds)
        bench.report.figure("seconds an epoch, shared", round(each, 2))
        bench.report.figure("1440 such epochs, hours, shared", round(1440 * each / 3600, 2))
    if not bench.quick:
        bench.report.check(f"top-1 of at least {_TARGET:.0f}%", best >= _TARGET, f"{best:.2f}%")


def _keep(bench: Bench, rates: tuple[float, ...]) -> float:
    """Keep the curves so far, and return the best top-1 of all."""
    best = 0.0
    for rate in rates:
        curve = [round(row["val_top1"], 2) for row in history_of(bench.folder / f"lr{rate}") if "val_top1" in row]
        if curve and len(curve) != len(bench.report.content["figures"].get(f"curve, lr {rate}", [])):
            bench.report.figure(f"curve, lr {rate}", curve)
            bench.report.figure(f"top-1, lr {rate}", max(curve))
        best = max([best, *curve])
    return best
