"""Training with the real loader (JPEG files, the whole augmentation of the recipe) against the same step on one fixed batch.

    python benchmarks/training_throughput.py [--steps 15] [--rounds 5] [--batch-size 64]

Both are measured in turns, so that a noisy machine slows both; the ratio is the median over the rounds.
"""

import argparse
import itertools
import statistics
import time
from collections.abc import Iterable

import torch
from torch import Tensor

from cifar10_images import cifar10_folder
from common import header, row
from zen_lightning import zoo
from zen_lightning.data import Augmentation, ImageData, ImageFolder
from zen_lightning.normalisation import CIFAR_MEAN, CIFAR_STD
from zen_lightning.training.initialise import initialise
from zen_lightning.training.optimizer import sgd
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.targets import mix_up, smooth_targets, soft_cross_entropy, step_generator

NETWORK = "zennet_cifar10_model_size05M_res32"


class Step:
    """The work of a training step, without Lightning's."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.recipe = Recipe()
        self.network = zoo.create(NETWORK).to(device, memory_format=torch.channels_last)
        initialise(self.network.cpu(), 0)
        self.network.to(device)
        self.optimizer = sgd([self.network], self.recipe, 1e-3)

    def __call__(self, images: Tensor, labels: Tensor, number: int) -> None:
        images, labels = (part.to(self.device, non_blocking=True) for part in (images, labels))
        targets = smooth_targets(labels, 10, self.recipe.label_smoothing)
        images, targets = mix_up(images, targets, self.recipe.mixup, step_generator(0, 0, number, 0))
        self.optimizer.zero_grad()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.device.type == "cuda"):
            logits = self.network(images)
        soft_cross_entropy(logits, targets).backward()
        self.optimizer.step()


def images_a_second(step: Step, batches: Iterable[tuple[Tensor, Tensor]], steps: int) -> float:
    seen, began = 0, time.perf_counter()
    for number, (images, labels) in enumerate(itertools.islice(batches, steps)):
        step(images, labels, number)
        seen += len(labels)
    if step.device.type == "cuda":
        torch.cuda.synchronize()
    return seen / (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch-size", type=int, default=64)
    options = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    source = ImageFolder(
        str(cifar10_folder()), "image_folder", 32, mean=CIFAR_MEAN, std=CIFAR_STD, crop_ratio=None, verify=False
    )
    data = ImageData(source, options.batch_size, Augmentation(crop="pad", policy="cifar10"))
    loader = data.train_dataloader()
    real = map(data.finish, loader)
    fixed = next(real)
    step = Step(device)
    images_a_second(step, real, 3)
    ratios, speeds = [], []
    for _ in range(options.rounds):
        at_rest = images_a_second(step, itertools.repeat(fixed), options.steps)
        loaded = images_a_second(step, real, options.steps)
        ratios.append(loaded / at_rest)
        speeds.append((at_rest, loaded))
    header()
    name = torch.cuda.get_device_name() if device.type == "cuda" else f"CPU, {torch.get_num_threads()} threads"
    print(f"{name}, {loader.num_workers} loader processes, batch {options.batch_size}, {options.steps} steps a round")
    for at_rest, loaded in speeds:
        print(f"fixed batch {at_rest:.1f} images/s, loader {loaded:.1f} images/s")
    least = 0.90 if device.type == "cuda" else 0.85
    share = statistics.median(ratios)
    row(
        "throughput with the real loader",
        f"{share:.1%} of a fixed batch (rounds: {min(ratios):.1%} to {max(ratios):.1%})",
        f"at least {least:.0%}",
        share >= least,
    )


if __name__ == "__main__":
    main()
