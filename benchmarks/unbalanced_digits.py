"""Class weights and balanced sampling on digits of which half of the classes have a twentieth of their training images.

    python benchmarks/unbalanced_digits.py --seeds 3

Top-1 of the last epoch, so that no validation image chooses anything, on the whole validation, in which the classes are
balanced. Every way has the same recipe, epochs and steps.
"""

import argparse
from dataclasses import replace
from statistics import mean

import numpy as np

import zen_lightning as zl
from zen_lightning.api.presets import made, read_preset, resolved
from zen_lightning.data import Digits, Images
from zen_lightning.data.labels import class_counts, labels_of
from zen_lightning.data.picked_images import PickedImages
from zen_lightning.training.machine import Machine
from zen_lightning.training.recipe import Recipe

STRUCTURE = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,16,1)SuperResK3K3(16,32,2,32,1)SuperConvK1BNRELU(32,64,1,1)"
RARE = range(5, 10)
KEPT = 0.05
"""Share of the training images of the rare classes that are left: about 7 of 144."""

WAYS = {
    "nothing": {},
    "recipe.class_weights=balanced": {"class_weights": "balanced"},
    "recipe.sampling=balanced": {"sampling": "balanced"},
}


class ThinnedDigits(Digits):
    """The digits with few training images of some classes; the validation is whole."""

    def train(self) -> Images:
        images = super().train()
        labels = labels_of(images)
        rng = np.random.default_rng(0)
        keep = [at for at in range(len(labels)) if labels[at] not in RARE or rng.random() < KEPT]
        return PickedImages(images, np.array(keep, dtype=np.int64))


def digits_recipe() -> Recipe:
    """Return the recipe that digits bring."""
    node = {key: value for key, value in resolved(read_preset("recipe", "digits").content, {}).items() if key != "augmentation"}
    recipe = made(node)
    assert isinstance(recipe, Recipe)
    return recipe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=24)
    asked = parser.parse_args()
    source = ThinnedDigits()
    print("training images of each class:", class_counts(source.train(), 10).tolist())
    for name, ways in WAYS.items():
        found = []
        for seed in range(asked.seeds):
            recipe = replace(digits_recipe(), epochs=asked.epochs, **ways)
            trained = zl.train(STRUCTURE, source, recipe=recipe, seed=seed, resolution=16, machine=Machine(accelerator="cpu"))
            found.append(trained.history[-1]["val_top1"])
        values = ", ".join(f"{value:.2f}" for value in found)
        print(f"{name}: {mean(found):.2f}% ({values})", flush=True)


if __name__ == "__main__":
    main()
