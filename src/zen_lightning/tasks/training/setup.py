"""What a training is made of, from the configuration; all that is wrong with it is found here, before it starts."""

import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from zen_lightning.api.few_images import (
    FOR_MANY,
    MOMENTUM,
    SMALL,
    UNFINISHED,
    is_better,
    is_continued_with,
    small_node,
    tell_batch,
    tell_chosen,
    too_few,
    with_fitting_batch,
)
from zen_lightning.api.larger_images import tell_larger_images
from zen_lightning.api.training_setup import TrainingSetup
from zen_lightning.config import build, make
from zen_lightning.config.build import target_of
from zen_lightning.config.kinds import kind_of
from zen_lightning.data import Augmentation, DataSource, ImageData
from zen_lightning.data.labels import class_counts
from zen_lightning.data.source import Images
from zen_lightning.errors import UserError, keyed
from zen_lightning.nets import StagedNetwork, build_network
from zen_lightning.runs.command import NO_COMMAND, Command
from zen_lightning.system.processes import is_main_process
from zen_lightning.tasks.networks.architecture_source import read_architecture, read_setting
from zen_lightning.tasks.training.images import image_size_of, read_source
from zen_lightning.tasks.training.machine import read_machine
from zen_lightning.training.checkpoints import LAST, begun_grey_range, read_identity
from zen_lightning.training.class_weights import class_weights, imbalance
from zen_lightning.training.freezing import frozen_parts
from zen_lightning.training.initialise import initialise
from zen_lightning.training.memory_layout import with_safe_layout
from zen_lightning.training.optimizer import make_optimizer
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.strategy import processes_of

_FAST = 0.1
"""Momentum of batch norms that follows in tens of steps; PyTorch's own default."""

KEYS = {
    "accelerator": "trainer.accelerator",
    "accumulate": "recipe.accumulate",
    "batch_size": "recipe.batch_size",
    "compile": "trainer.compile",
    "corrupt": "dataset.corrupt",
    "devices": "trainer.devices",
    "folder": "output_dir",
    "feature_weight": "distillation.feature_weight",
    "first_ratio": "distillation.first_ratio",
    "image_size": "resolution",
    "logit_weight": "distillation.logit_weight",
    "lr": "recipe.lr",
    "model": "teacher.model",
    "precision": "trainer.precision",
    "prefetch": "trainer.loader_prefetch",
    "process_group_backend": "trainer.process_group_backend",
    "shards_at_once": "dataset.shards_at_once",
    "strategy": "trainer.strategy",
    "workers": "trainer.loader_workers",
    **{field.name: f"recipe.{field.name}" for field in fields(Recipe)},
}
"""The keys of the parameters of a training's loaders, module and trainer."""
_ANY_PLACE = ("_target_", "root", "download", "verify", "placement")
"""Keys of a dataset that do not change what it holds; where images live in the end is part of a training's identity."""


def training_setup(config: DictConfig, command: Command = NO_COMMAND) -> TrainingSetup:
    """Return what to train, and how.

    Raises:
        UserError: a value that cannot be used, or images that are not there or not usable.
    """
    check_asked(config)
    machine = read_machine(config, command)
    read_recipe(config)  # What is wrong with it is said before images are looked for.
    architecture = read_architecture(config.arch, "arch")
    setting = read_setting(config, command, config.arch)
    source = read_source(config, command, None if config.resume is None else begun_grey_range(Path(config.output_dir)))
    chosen = take_small_recipe(config, command, source)
    recipe, augmentation = read_recipe(config)
    if not command.sets("recipe.batch_size"):
        asked, images = recipe, images_of(config, source)
        recipe = with_fitting_batch(asked, images, processes_of(machine))
        if config.resume is None:
            tell_batch(asked, recipe, images, "recipe.batch_size")
    if recipe.warmup_epochs != config.recipe.warmup_epochs and is_main_process():
        said = f"recipe.warmup_epochs={config.recipe.warmup_epochs:g} is shortened to {recipe.warmup_epochs:g}"
        print(f"{said}: the training has {recipe.epochs} epoch{'s' * (recipe.epochs > 1)}", file=sys.stderr, flush=True)
    check_class_weights(recipe, source)
    image_size = image_size_of(config, command, source)
    if not command.sets("resolution", "dataset.image_size"):
        tell_larger_images(config.arch, architecture, image_size, source.num_classes)
    if config.weights is None or (config.resume is not None and (Path(config.output_dir) / LAST).exists()):
        network = build_network(architecture, source.num_classes, setting.use_se)
        initialise(network, config.seed)
    else:
        network = _begun(config, command, source.num_classes)
    check_recipe(network, recipe)
    use_se = bool(getattr(network, "use_se", False))
    if config.weights is None and is_main_process() and chosen is None:
        _warn_of_statistics(config, recipe, images_of(config, source))
    if is_main_process():
        _tell_imbalance(recipe, source)
    machine = with_safe_layout(machine, network)
    return TrainingSetup(network, source, recipe, augmentation, machine, image_size, use_se, chosen)


def images_of(config: DictConfig, source: DataSource) -> int:
    """Return the number of training images."""
    count = len(_to_train_on(source))
    return count if config.limit is None else min(count, config.limit)


def _to_train_on(source: DataSource) -> Images:
    with keyed("dataset"):
        return source.train()


def take_small_recipe(config: DictConfig, command: Command, source: DataSource) -> str | None:
    """Put ``recipe=small`` in the place of the dataset's recipe where that would leave batch norms unfinished.

    What the command line, a tuning or ``conf/local`` says of the recipe is kept. No other recipe is taken where one was named,
    where trained weights or an experiment are, or where the folder holds a training that began otherwise.

    Returns:
        the name of the recipe that was taken; None: the configuration is as it was.
    """
    name = command.choices.get("recipe", "")
    asked = command.sets("recipe", f"recipe.{MOMENTUM}") or command.choices.get("experiment", "null") != "null"
    if name not in FOR_MANY or asked or config.weights is not None or config.debug.name is not None:
        return None
    images, recipe = images_of(config, source), read_recipe(config)[0]
    node = OmegaConf.to_container(config.recipe, resolve=True)
    assert isinstance(node, dict)
    named = [key.removeprefix("recipe.") for key in command.keys if key.startswith("recipe.")]
    other = config.copy()
    other.recipe = small_node({str(key): value for key, value in node.items()}, name, named)
    small = read_recipe(other)[0]
    if not is_better(small, recipe, images):
        return None
    last = Path(config.output_dir) / LAST
    if last.exists() and not is_continued_with(small, read_identity(last)):
        return None
    config.recipe = other.recipe
    tell_chosen(name, recipe, images, f"recipe={name}")
    return SMALL


def _warn_of_statistics(config: DictConfig, recipe: Recipe, images: int) -> None:
    """Say where the statistics of batch norms will not be those of the images by the end of a training."""
    if recipe.unfinished(images) > UNFINISHED and config.debug.name is None:
        slow = recipe.bn_momentum is not None and recipe.bn_momentum < _FAST
        faster = f"recipe={SMALL}, made for few images, or recipe.bn_momentum={_FAST:g}, or " if slow else ""
        print(f"{too_few(recipe, images, 'recipe.bn_momentum')}. Take {faster}more epochs", file=sys.stderr, flush=True)


def _tell_imbalance(recipe: Recipe, source: DataSource) -> None:
    """Say where the classes have very different numbers of training images, and nothing is done about it."""
    if recipe.class_weights is not None or recipe.sampling != "shuffled":
        return
    found = imbalance(source.classes, class_counts(_to_train_on(source), source.num_classes))
    if found is not None:
        print(
            f"{found}: rare classes may be learned poorly. recipe.class_weights=balanced lets every class count alike in the "
            "loss, recipe.sampling=balanced shows equally many images of each",
            file=sys.stderr,
            flush=True,
        )


def check_class_weights(recipe: Recipe, source: DataSource) -> None:
    """Raise a UserError where the weights of a recipe are not those of the classes of a dataset."""
    with keyed(KEYS):
        class_weights(recipe.class_weights, source.classes)


def check_asked(config: DictConfig) -> None:
    """Raise a UserError where the command names no network, or no seed that a training can have."""
    if not isinstance(config.arch, str):
        remedy = "a structure, a name of the zoo, a file that holds one, or the folder of a run"
        raise UserError(f"task={config.task.name} needs arch=", key="arch", remedy=remedy)
    if config.seed < 0:
        raise UserError(key="seed", value=config.seed, expected="0 or more")


def read_recipe(config: DictConfig) -> tuple[Recipe, Augmentation]:
    """Return the recipe and the augmentation that is part of it; a warm-up leaves at least one epoch of the training.

    Raises:
        UserError: a number that cannot be used.
    """
    node = OmegaConf.to_container(config.recipe, resolve=True)
    assert isinstance(node, dict)
    augmentation = node.pop("augmentation")
    if not isinstance(augmentation, dict):
        expected = "its keys, such as recipe.augmentation.policy=null, not a value"
        raise UserError(key="recipe.augmentation", value=augmentation, expected=expected)
    epochs, warmup = node.get("epochs"), node.get("warmup_epochs")
    if isinstance(epochs, int) and isinstance(warmup, int | float) and warmup >= epochs >= 1:
        node["warmup_epochs"] = epochs - 1
    if isinstance(node.get("optimizer"), dict):
        target_of(node["optimizer"], "recipe.optimizer", kind_of("recipe.optimizer"))
    recipe = build(node, "recipe", Recipe)
    return recipe, make(Augmentation, {str(key): value for key, value in augmentation.items()}, "recipe.augmentation")


def check_recipe(network: StagedNetwork, recipe: Recipe) -> None:
    """Raise a UserError where a network has not the stages that a recipe freezes, or its optimiser refuses its arguments."""
    with keyed(KEYS):
        frozen_parts(network, recipe.frozen_stages)
        make_optimizer([network], recipe, recipe.lr)


def image_data(config: DictConfig, setup: TrainingSetup, loader_size: int | None = None) -> ImageData:
    """Return the loaders.

    Args:
        config: the composed configuration.
        setup: the setup of the training.
        loader_size: height and width that images are loaded at; None: as the network sees them.
    """
    with keyed(KEYS):
        workers, prefetch = config.trainer.loader_workers, config.trainer.loader_prefetch
        return setup.images(loader_size, seed=config.seed, limit=config.limit, workers=workers, prefetch=prefetch)


def identity(config: DictConfig, **more: Any) -> dict[str, Any]:
    """Return what makes it this training beside what every training has: the dataset, its augmentation, the seed."""
    augmentation = OmegaConf.to_container(config.recipe.augmentation, resolve=True)
    dataset = OmegaConf.to_container(config.dataset, resolve=True)
    assert isinstance(augmentation, dict)
    assert isinstance(dataset, dict)
    return {
        **{f"dataset.{key!s}": value for key, value in dataset.items() if key not in _ANY_PLACE},
        **{f"recipe.augmentation.{key!s}": value for key, value in augmentation.items()},
        "seed": config.seed,
        **more,
    }


def _begun(config: DictConfig, command: Command, num_classes: int) -> StagedNetwork:
    """Return the network of ``weights=``, with a fresh classifier where the classes are others."""
    from zen_lightning.api.trained import with_fresh_classifier
    from zen_lightning.tasks.training.trained_network import read_trained

    trained = read_trained(config, command, config.arch)
    network = trained.network
    if network.classifier.linear.out_features != num_classes:
        print(
            f"{config.weights} has {network.classifier.linear.out_features} classes, the dataset {num_classes}: the classifier "
            "starts from fresh weights"
        )
        with_fresh_classifier(network, num_classes, config.seed)
    return network
