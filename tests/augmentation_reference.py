"""The whole augmentation of one image, as torchvision and Pillow do it, image by image, in float32."""

import math

import torch
from PIL import Image
from torch import Tensor
from torchvision.transforms import v2

from zen_lightning.data.augmentation import Augmentation
from zen_lightning.data.lighting import EIGENVALUES, EIGENVECTORS
from zen_lightning.data.source import Statistics


def train_reference(augmentation: Augmentation, size: int, mean: Statistics, std: Statistics) -> v2.Compose:
    """Return the recipe, in its order; it draws from torch's default generator."""
    interpolation = v2.InterpolationMode(augmentation.interpolation)
    if augmentation.crop == "resized":
        steps = [v2.RandomResizedCrop(size, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3), interpolation=interpolation)]
    elif augmentation.crop == "none":
        steps = [v2.Resize(size, interpolation), v2.CenterCrop(size)]
    else:
        steps = [v2.Resize(size, interpolation), v2.RandomCrop(size, padding=augmentation.padding)]
    steps.append(v2.RandomHorizontalFlip(augmentation.flip) if augmentation.flip else v2.Identity())
    if augmentation.policy == "trivial":
        steps.append(v2.TrivialAugmentWide(fill=128))
    elif augmentation.policy is not None:
        steps.append(v2.AutoAugment(v2.AutoAugmentPolicy(augmentation.policy), fill=128))
    steps += [v2.PILToTensor(), v2.ToDtype(torch.float32, scale=True)]
    if augmentation.lighting:
        steps.append(v2.Lambda(lambda image: image + colour(augmentation.lighting)[:, None, None]))
    steps.append(v2.Normalize(mean, std))
    if augmentation.erasing:
        steps.append(v2.RandomErasing(augmentation.erasing, scale=(0.02, 0.33), ratio=(0.3, 3.3), value=0.0))
    return v2.Compose(steps)


def eval_reference(image: Image.Image, size: int, crop_ratio: float | None) -> Tensor:
    """Return a validation image of 8 bits, (3, size, size)."""
    if crop_ratio is None:
        steps = v2.Compose([v2.Resize(size, v2.InterpolationMode.BILINEAR), v2.CenterCrop(size), v2.PILToTensor()])
    else:
        resized = math.ceil(round(size / crop_ratio, 6))
        steps = v2.Compose([v2.Resize(resized, v2.InterpolationMode.BICUBIC), v2.CenterCrop(size), v2.PILToTensor()])
    out: Tensor = steps(image)
    return out


def colour(std: float) -> Tensor:
    """Return a colour of PCA lighting."""
    return torch.tensor(EIGENVECTORS) @ (torch.tensor(EIGENVALUES) * torch.normal(0.0, std, (3,)))
