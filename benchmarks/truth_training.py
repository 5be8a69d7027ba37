"""One short training of one network, by the project's own classes: stopped at any moment, it goes on where it was."""

import hashlib
import json
import shutil
import time
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import torch

import truth_images
from truth_images import DeviceImages
from zen_lightning.arch import Architecture
from zen_lightning.nets import build_network
from zen_lightning.system.json_files import write_json
from zen_lightning.training.agreement import Agreement
from zen_lightning.training.checkpoints import LAST, Checkpoints
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.history import History
from zen_lightning.training.initialise import initialise
from zen_lightning.training.interruption import Interruption
from zen_lightning.training.memory_layout import with_safe_layout
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.trainer import Machine, make_trainer

RECIPE = Recipe(
    epochs=8,
    warmup_epochs=0.5,
    batch_size=128,  # Of a GPU's time, launching the kernels of a step is most; 64 would double it.
    lr=0.6,  # For 256 images. Of 0.2 and 0.6, the better one on a network that is not in the list (with batches of 64).
    weight_decay=5e-4,
    bn_momentum=0.1,  # So few steps leave no time to follow more slowly.
    label_smoothing=0.1,
    mixup=0.0,
)
"""Short, the same for every network, fixed before any of them was trained."""

FIRST_KEYS = (
    *(
        "epochs",
        "warmup_epochs",
        "batch_size",
        "accumulate",
        "lr",
        "target_lr",
        "schedule",
        "decay",
        "decay_epochs",
        "momentum",
    ),
    *("nesterov", "weight_decay", "bn_momentum", "label_smoothing", "mixup", "ema", "clip_norm"),
)
"""What a recipe could say when the first networks were trained. What it learned to say since changes nothing by default."""

COLUMNS = ("id", "seed", "top1", "loss", "train_loss", "epochs", "images", "device", "commit", "seconds", "recipe")


class Outcome(NamedTuple):
    """What a training left: top-1 in percent and cross-entropy on the 10,000 test images after the last epoch."""

    top1: float
    loss: float
    train_loss: float
    seconds: float


def recipe_hash(recipe: Recipe = RECIPE) -> str:
    """Return a short name of everything that decides what a training does, so that rows of different recipes never mix."""
    images = {key: getattr(truth_images, key) for key in ("TRAIN_IMAGES", "SUBSET_SEED", "PADDING", "MEAN", "STD")}
    usual = Recipe().as_dict()
    decides = {key: value for key, value in recipe.as_dict().items() if key in FIRST_KEYS or value != usual[key]}
    text = json.dumps({"recipe": decides, "images": images, "precision": "32-true"}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def train(structure: str, folder: Path, arrays: Any, device: str, seed: int, recipe: Recipe = RECIPE) -> Outcome:
    """Train a network in its folder, from where an earlier run was stopped; the checkpoints are removed at the end.

    Args:
        structure: of the network.
        folder: of this training.
        arrays: the opened cache of images.
        device: ``cpu`` or ``cuda``.
        seed: of the weights, the order of the images and their augmentation.
        recipe: how.

    Raises:
        Interrupted: SIGTERM or Ctrl-C came; what was done is saved.
    """
    warnings.filterwarnings("ignore", message=".*iterable.*|.*dataloader.*|.*DataLoader.*")
    folder.mkdir(parents=True, exist_ok=True)
    data = DeviceImages(arrays, device, recipe.batch_size, seed)
    network = build_network(Architecture.parse(structure), num_classes=10)
    initialise(network, seed)
    module = ClassifierModule(network, recipe, len(data.train_labels), seed)
    accelerator = "gpu" if device == "cuda" else "cpu"
    machine = with_safe_layout(Machine(accelerator=accelerator, precision="32-true", benchmark=False), network)
    if machine.channels_last:
        module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    history = History()
    agreement = Agreement()
    every_minutes = 2.0 if device == "cpu" else None
    checkpoints = Checkpoints(folder, resolution=32, every_minutes=every_minutes, agreement=agreement)
    interruption = Interruption(checkpoints, agreement)
    callbacks = [agreement, interruption, history, checkpoints]
    trainer = make_trainer(machine, recipe, folder, callbacks, validate_every=recipe.epochs)
    last = folder / LAST
    began = time.monotonic()
    with interruption.listening():
        trainer.fit(module, datamodule=data, ckpt_path=last if last.exists() else None, weights_only=True)
    row = history.rows[-1]
    seconds = sum(entry["seconds"] for entry in history.rows)
    outcome = Outcome(row["val_top1"], row["val_loss"], row["train_loss"], max(seconds, time.monotonic() - began))
    write_json(folder / "result.json", {"structure": structure, "seed": seed, **outcome._asdict(), "history": history.rows})
    shutil.rmtree(folder / LAST.parent, ignore_errors=True)
    return outcome
