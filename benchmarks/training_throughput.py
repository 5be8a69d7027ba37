"""What a training step of the product costs, against the same step in a bare loop; and what the real loader costs on top.

    python benchmarks/training_throughput.py [--part overhead|loader] [--rounds 5] [--steps 400] [--batch-size 64]

``overhead``: a tiny network, a fixed batch, one thread: the real trainer with all callbacks of ``task=train``, and a loop that
only calls the network, the loss and the optimiser, in turns; with the recipe's mixup, and once more with averaged weights.
``loader``: ``zennet_cifar10_model_size05M_res32`` in the real trainer, with JPEG files, loader processes and the whole
augmentation, and with one fixed batch, in turns. Figures are medians over the rounds; a noisy machine slows both alike.
"""

import argparse
import itertools
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor

from cifar10_images import cifar10_folder
from common import header, row
from zen_lightning import Architecture, zoo
from zen_lightning.data import Augmentation, Digits, ImageData, ImageFolder
from zen_lightning.nets import StagedNetwork, build_network
from zen_lightning.normalisation import CIFAR_MEAN, CIFAR_STD
from zen_lightning.training.agreement import Agreement
from zen_lightning.training.averaging import AveragedNetwork
from zen_lightning.training.checkpoints import Checkpoints
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.history import History
from zen_lightning.training.initialise import initialise
from zen_lightning.training.interruption import Interruption
from zen_lightning.training.machine import settled
from zen_lightning.training.optimizer import sgd
from zen_lightning.training.pace import Pace
from zen_lightning.training.progress import ShowProgress
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.targets import mix_up, smooth_targets, soft_cross_entropy, step_generator
from zen_lightning.training.trainer import Machine, make_trainer

NETWORK = "zennet_cifar10_model_size05M_res32"
TINY = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,8,2,8,1)SuperConvK1BNRELU(8,16,1,1)"
_SKIPPED = 5
"""Steps at the start of each round that are not counted."""

Batch = tuple[Tensor, Tensor]


class Clock(pl.Callback):
    """Takes the time of steps, from the start of one to the start of the next."""

    def __init__(self) -> None:
        self.stamps: list[float] = []
        self.end = 0.0

    def on_train_batch_start(self, trainer: pl.Trainer, module: pl.LightningModule, batch: Any, batch_idx: int) -> None:
        self.stamps.append(now() if batch_idx == _SKIPPED else time.perf_counter())

    def on_train_batch_end(
        self, trainer: pl.Trainer, module: pl.LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        if trainer.is_last_batch:
            self.end = now()

    def mean(self) -> float:
        """Return the seconds of a step, all work of the device included."""
        return (self.end - self.stamps[_SKIPPED]) / (len(self.stamps) - _SKIPPED)

    def median(self) -> float:
        """Return the seconds of the median step: on a CPU, what other programs do at some steps does not count."""
        return median_step(self.stamps)


def median_step(stamps: list[float]) -> float:
    counted = stamps[_SKIPPED:]
    return statistics.median(after - before for before, after in itertools.pairwise(counted))


class Repeated:
    """One batch, over and over."""

    def __init__(self, batch: Any, steps: int) -> None:
        self.batch, self.steps = batch, steps

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[Any]:
        return itertools.repeat(self.batch, self.steps)


class FixedBatch(ImageData):
    """Gives one batch of training images over and over."""

    def __init__(self, data: ImageData, batch: Any, steps: int, **options: Any) -> None:
        super().__init__(data.source, data.batch_size, data.augmentation, workers=0, **options)
        self.repeated = Repeated(batch, steps)

    def train_dataloader(self) -> Any:
        return self.repeated


def now() -> float:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()


def trainer_steps(network: StagedNetwork, recipe: Recipe, data: ImageData, machine: Machine) -> Clock:
    """Return the times of steps in the real trainer."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        agreement = Agreement()
        checkpoints = Checkpoints(folder, 32, agreement=agreement)
        pace = Pace(agreement)
        callbacks = [
            agreement,
            pace,
            Interruption(checkpoints, agreement),
            History(pace=pace),
            ShowProgress(),
            clock,
            checkpoints,
        ]
        module = ClassifierModule(network, recipe, data.train_size)
        if machine.channels_last:
            module.to(memory_format=torch.channels_last)
        trainer = make_trainer(machine, recipe, folder, callbacks=callbacks, val_batches=0)
        trainer.fit(module, datamodule=data)
    return clock


def bare_step(network: StagedNetwork, recipe: Recipe, batch: Batch, steps: int, machine: Machine) -> float:
    """Return the seconds of the median step without Lightning, figures, progress, checkpoints and schedule."""
    device = torch.device("cuda" if machine.on_cuda else "cpu")
    network = network.to(device)
    if machine.channels_last:
        network.to(memory_format=torch.channels_last)
    half = settled(machine, training=True).precision == "bf16-mixed"
    optimizer = sgd([network], recipe, 1e-3)
    averaged = None if recipe.ema is None else AveragedNetwork(network, recipe.ema)
    network.train()
    stamps = []
    for number in range(steps):
        stamps.append(time.perf_counter())
        images, labels = (part.to(device, non_blocking=True) for part in batch)
        targets = smooth_targets(labels, network.classifier.linear.out_features, recipe.label_smoothing)
        images, targets = mix_up(images, targets, recipe.mixup, step_generator(0, 0, number, 0))
        optimizer.zero_grad()
        with torch.autocast(device.type, torch.bfloat16, enabled=half):
            logits = network(images)
        soft_cross_entropy(logits, targets).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if averaged is not None:
            averaged.update_parameters(network)
    return median_step(stamps)


def fresh(network: StagedNetwork) -> StagedNetwork:
    initialise(network, 0)
    return network


def overhead(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    batch = (torch.randn(8, 3, 8, 8), torch.arange(8))
    architecture = Architecture.parse(TINY)
    header()
    for name, ema in (("", None), (", averaged weights", 0.999)):
        recipe = Recipe(epochs=1, warmup_epochs=0, batch_size=8, ema=ema)
        data = FixedBatch(ImageData(Digits(), 8, Augmentation(), image_size=8, workers=0), batch, options.steps, image_size=8)
        machine = Machine(accelerator="cpu")
        bare, product = [], []
        for _ in range(options.rounds):
            bare.append(bare_step(fresh(build_network(architecture, 10)), recipe, batch, options.steps, machine))
            product.append(trainer_steps(fresh(build_network(architecture, 10)), recipe, data, machine).median())
        extra = [1e3 * (ours - theirs) for ours, theirs in zip(product, bare, strict=True)]
        between = f"rounds: {min(extra):.2f} to {max(extra):.2f}"
        print(f"bare loop {1e3 * statistics.median(bare):.2f} ms a step, trainer {1e3 * statistics.median(product):.2f} ms")
        median = statistics.median(extra)
        row(f"a step of the trainer above a bare loop{name}", f"{median:.2f} ms ({between})", "under 1 ms", median < 1)


def loader(options: argparse.Namespace) -> None:
    machine = Machine()
    source = ImageFolder(
        str(cifar10_folder()), "image_folder", 32, mean=CIFAR_MEAN, std=CIFAR_STD, crop_ratio=None, verify=False
    )
    recipe = Recipe(epochs=1, warmup_epochs=0, batch_size=options.batch_size)
    augmentation = Augmentation(crop="pad", policy="cifar10")
    data = ImageData(source, options.batch_size, augmentation, limit=options.loader_steps * options.batch_size)
    train_loader = data.train_dataloader()
    at_rest = FixedBatch(data, next(iter(train_loader)), options.loader_steps, limit=data.limit)
    fixed, loaded = [], []
    for _ in range(options.rounds):
        network = fresh(zoo.create(NETWORK))
        fixed.append(options.batch_size / trainer_steps(network, recipe, at_rest, machine).mean())
        loaded.append(options.batch_size / trainer_steps(network, recipe, data, machine).mean())
    header()
    name = torch.cuda.get_device_name() if machine.on_cuda else f"CPU, {torch.get_num_threads()} threads"
    print(f"{name}, {train_loader.num_workers} loader processes, batch {options.batch_size}, {options.loader_steps} steps")
    for one, other in zip(fixed, loaded, strict=True):
        print(f"fixed batch {one:.1f} images/s, loader {other:.1f} images/s")
    least = 0.90 if machine.on_cuda else 0.85
    ratios = [other / one for one, other in zip(fixed, loaded, strict=True)]
    share = statistics.median(ratios)
    row(
        "the real trainer with the real loader",
        f"{share:.1%} of a fixed batch (rounds: {min(ratios):.1%} to {max(ratios):.1%})",
        f"at least {least:.0%}",
        share >= least,
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--part", choices=("overhead", "loader"), default=None)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--loader-steps", type=int, default=20)
    parser.add_argument("--batch-size", type=int, default=64)
    options = parser.parse_args()
    if options.part in (None, "overhead"):
        overhead(options)
    if options.part in (None, "loader"):
        loader(options)


if __name__ == "__main__":
    main()
