"""What is taken by itself where a training has few images: another recipe than that of its dataset, and a smaller batch."""

import sys
from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any

from zen_lightning.api.presets import read_preset, resolved
from zen_lightning.system.processes import is_main_process
from zen_lightning.training.recipe import Recipe

SMALL = "small"
"""The recipe for few images."""

FOR_MANY = ("cifar", "imagenet")
"""Recipes of the paper, which datasets bring: their batch norms follow slowly."""

UNFINISHED = 0.05
"""Part of their first values in the statistics of batch norms above which a training is too short. A choice: 300 steps of
0.01."""

MOMENTUM = "bn_momentum"

_STEPS, _LEAST = 4, 8
"""Steps that an epoch should have, and images that the statistics of batch norms should see at a time. Choices: with fewer of
either, few images train worse."""


def small_node(recipe: Mapping[str, Any], name: str, named: Collection[str]) -> dict[str, Any]:
    """Return the small recipe, with what was said on top of another.

    Args:
        recipe: the other, as nested keys.
        name: of the preset that it was made from.
        named: dotted keys within it that keep their values whatever they are: those of a command line.
    """
    known = resolved(read_preset("recipe", name).content, {})
    small: dict[str, Any] = resolved(read_preset("recipe", SMALL).content, {})
    return _over(small, recipe, known, named)


def is_continued_with(recipe: Recipe, identity: Mapping[str, Any]) -> bool:
    """Whether a checkpoint was made by a recipe, as far as the checkpoint says.

    Args:
        recipe: the recipe.
        identity: what the checkpoint says of its training.
    """
    held = recipe.as_dict()
    # Of weights of classes a checkpoint has the numbers, not what they were asked for by.
    names = [field.name for field in fields(Recipe) if field.name != "class_weights"]
    keys = [name for name in names if f"recipe.{name}" in identity]
    return bool(keys) and all(identity[f"recipe.{key}"] == held[key] for key in keys)


def tell_chosen(name: str, recipe: Recipe, images: int, setting: str) -> None:
    """Say that the small recipe was taken, and why.

    Args:
        name: of the recipe that the dataset brings.
        recipe: that recipe.
        images: training images.
        setting: how one says which recipe to take: ``recipe=imagenet``.
    """
    if is_main_process():
        what = f"recipe={SMALL} is used instead of {name}, the recipe of the dataset: {too_few(recipe, images)}"
        print(f"{what} (to use {name} nevertheless: {setting})", file=sys.stderr, flush=True)


def too_few(recipe: Recipe, images: int, key: str = "bn_momentum") -> str:
    """Return what is wrong with a recipe for so many images; ``key`` says what the momentum of batch norms is called."""
    several = recipe.epochs > 1
    counted = f"{recipe.epochs} epoch{'s' * several} of {images:,} images {'are' if several else 'is'} too few"
    left = f"in validation, their running statistics would still be {recipe.unfinished(images):.0%} initial values"
    return f"{counted} for batch norms with {key}={_momentum(recipe):g}: {left}"


def is_better(small: Recipe, recipe: Recipe, images: int) -> bool:
    """Whether a recipe leaves the statistics of batch norms unfinished, and the small one moves them faster."""
    return recipe.unfinished(images) > UNFINISHED and _momentum(small) > _momentum(recipe)


def with_fitting_batch(recipe: Recipe, images: int, processes: int) -> Recipe:
    """Return a recipe whose batch is not larger than there are images to train on.

    A larger one is halved until an epoch has 4 steps, but to 8 images at the least where these fit; the learning rate follows
    by itself, since recipes state it for 256 images.

    Args:
        recipe: the recipe.
        images: training images, for all processes.
        processes: processes that train.

    Example:
        >>> recipe = Recipe(batch_size=64)
        >>> [with_fitting_batch(recipe, images, 1).batch_size for images in (64, 60, 24, 5)]
        [64, 8, 8, 4]
    """
    for_each = images // (processes * recipe.accumulate)
    if for_each < 1 or recipe.batch_size <= for_each:
        return recipe  # With fewer images than one a process there is no such batch, which is said where images are dealt out.
    batch = recipe.batch_size
    while batch > for_each or (batch // 2 >= _LEAST and batch * _STEPS > for_each):
        batch //= 2
    return replace(recipe, batch_size=batch)


def tell_batch(before: Recipe, now: Recipe, images: int, key: str) -> None:
    """Say that the batch was made smaller, and what to say to have another.

    Args:
        before: the recipe with the larger batch.
        now: the recipe that is used.
        images: training images.
        key: what the batch size is called.
    """
    if is_main_process() and now.batch_size != before.batch_size:
        what = f"{key}={now.batch_size} is used instead of {before.batch_size}: there are {images:,} images to train on"
        print(f"{what} (another one: {key}=N)", file=sys.stderr, flush=True)


def _momentum(recipe: Recipe) -> float:
    return 0.1 if recipe.bn_momentum is None else recipe.bn_momentum


def _over(
    small: dict[str, Any], recipe: Mapping[str, Any], known: Mapping[str, Any], named: Collection[str], before: str = ""
) -> dict[str, Any]:
    found = dict(small)
    for key, value in recipe.items():
        dotted, below = f"{before}{key}", known.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping) and isinstance(found.get(key), dict):
            found[key] = _over(found[key], value, below, named, f"{dotted}.")
        elif value != below or dotted in named or any(one.startswith(f"{dotted}.") for one in named):
            found[key] = value
    return found
