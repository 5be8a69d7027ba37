"""``zl.train``, ``zl.distill``, ``zl.evaluate``: from a structure to a trained network and its accuracy."""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from zen_lightning.api.evaluation import Evaluated, evaluate_network
from zen_lightning.api.fitting import Loop, Row, TrainingSetup, fit
from zen_lightning.api.presets import made, read_preset, resolved
from zen_lightning.api.sources import read_architecture, read_setting
from zen_lightning.api.trained import NOTHING, Said, Trained, read_trained
from zen_lightning.arch import BaseArchitecture
from zen_lightning.data import Augmentation, DataSource, ImageData
from zen_lightning.errors import UserError, keyed
from zen_lightning.nets import StagedNetwork, build_network, read_weights
from zen_lightning.runs.names import WEIGHTS
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.distillation import Distillation
from zen_lightning.training.distiller import Distiller
from zen_lightning.training.initialise import initialise
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.teachers import Teacher
from zen_lightning.training.trainer import Machine

__all__ = ["Training", "distill", "evaluate", "train"]


@dataclass(frozen=True)
class Training:
    """A trained network, and how it came about.

    Attributes:
        network: with the weights of its best epoch, in eval mode, on the CPU.
        architecture: of it.
        val_top1: of the best epoch, in percent; None where nothing was validated.
        val_top5: likewise.
        best_epoch: counted from 1; None likewise.
        history: a row for each epoch: epoch, step, lr, train_loss, val_loss, val_top1, val_top5, seconds.
        classes: names, in the order of the logits.
        image_size: height and width of the images that it was trained on.
        seconds: from start to end.
        folder: with weights, history and checkpoints; None where none was asked for.
    """

    network: StagedNetwork
    architecture: BaseArchitecture
    val_top1: float | None
    val_top5: float | None
    best_epoch: int | None
    history: list[Row]
    classes: tuple[str, ...]
    image_size: int
    seconds: float
    folder: Path | None = None


def train(
    arch: str | BaseArchitecture,
    dataset: str | DataSource = "digits",
    *,
    recipe: str | Recipe | None = None,
    augmentation: Augmentation | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    seed: int = 0,
    resolution: int | None = None,
    use_se: bool | None = None,
    limit: int | None = None,
    machine: Machine | None = None,
    folder: str | Path | None = None,
    notify: Callable[[Row], None] = lambda row: None,
    **settings: Any,
) -> Training:
    """Train a network.

    Args:
        arch: a structure, a name of the zoo, a file that holds one, the folder of a run, or an architecture.
        dataset: a name (``digits``, ``cifar10``, ...), or a dataset; classes and image size are its own.
        recipe: a name (``cifar``, ``imagenet``, ``digits``), or a recipe; None: the one that the dataset brings.
        augmentation: of the training images; None: that of the recipe by name, or none.
        epochs: instead of those of the recipe; its warm-up is shortened to fit.
        batch_size: likewise, of each process.
        seed: of the weights, the order of the images and their augmentation.
        resolution: height and width of the images; None: the dataset's own.
        use_se: whether the network has squeeze-and-excitation; None: as recorded with it, else without.
        limit: training images; None: all.
        machine: that it runs on; None: one GPU where there is one, else the CPU.
        folder: for weights, history and checkpoints; a training that was stopped there is continued. None: none is kept.
        notify: called with the row of each epoch.
        settings: of the dataset: ``root``, ``image_size``, ...

    Raises:
        UserError: a value that cannot be used, or images that are not there.

    Example:
        >>> import zen_lightning as zl
        >>> found = zl.train("SuperConvK3BNRELU(3,8,2,1)", "digits", epochs=1, limit=64, batch_size=16, resolution=8)
        >>> len(found.history), found.network.training
        (1, False)
    """
    setup = _setup(arch, dataset, recipe, augmentation, epochs, batch_size, seed, resolution, use_se, machine, settings)
    data = _images(setup, seed, limit)

    def module(train_images: int) -> ClassifierModule:
        return ClassifierModule(setup.network, setup.recipe, train_images, seed, setup.image_size)

    return _trained(setup, data, module, folder, notify, {"seed": seed})


def distill(
    arch: str | BaseArchitecture,
    teacher: Teacher,
    dataset: str | DataSource = "digits",
    *,
    distillation: Distillation | None = None,
    recipe: str | Recipe | None = None,
    augmentation: Augmentation | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    seed: int = 0,
    resolution: int | None = None,
    use_se: bool | None = None,
    limit: int | None = None,
    machine: Machine | None = None,
    folder: str | Path | None = None,
    notify: Callable[[Row], None] = lambda row: None,
    **settings: Any,
) -> Training:
    """Train a network that also learns from a teacher; images are loaded at the larger of both networks' sizes.

    Args:
        arch: as for :func:`train`, as are the other arguments.
        teacher: such as ``TimmTeacher(...)`` or ``trained_teacher(...)`` of :mod:`zen_lightning.training.teachers`.
        dataset: a name, or a dataset.
        distillation: how features and logits are compared; None: as in Zen-NAS.
        recipe: a name, or a recipe.
        augmentation: of the training images.
        epochs: instead of those of the recipe.
        batch_size: likewise, of each process.
        seed: of all draws.
        resolution: height and width of the student's images.
        use_se: whether the student has squeeze-and-excitation.
        limit: training images; None: all.
        machine: that it runs on.
        folder: for weights, history and checkpoints.
        notify: called with the row of each epoch.
        settings: of the dataset.

    Raises:
        UserError: a value that cannot be used, or a teacher of other classes.
    """
    how = distillation or Distillation()
    setup = _setup(arch, dataset, recipe, augmentation, epochs, batch_size, seed, resolution, use_se, machine, settings)
    data = _images(setup, seed, limit, max(setup.image_size, teacher.image_size))
    mean, std = setup.source.mean, setup.source.std

    def module(train_images: int) -> ClassifierModule:
        return Distiller(setup.network, setup.recipe, train_images, teacher, seed, setup.image_size, how, mean, std)

    identity = {"seed": seed, **{f"distillation.{key}": value for key, value in how.as_dict().items()}}
    return _trained(setup, data, module, folder, notify, identity)


def evaluate(
    arch: str | Training,
    dataset: str | DataSource = "digits",
    *,
    weights: str | Path | None = None,
    batch_size: int = 128,
    crop_size: int | None = None,
    said: Said = NOTHING,
    machine: Machine | None = None,
    **settings: Any,
) -> Evaluated:
    """Measure top-1 and top-5 of a trained network on the validation images of a dataset.

    Args:
        arch: the folder of a training, a name of the zoo, a file of weights, or what :func:`train` returned.
        dataset: a name, or a dataset.
        weights: file of the weights, where ``arch`` does not say.
        batch_size: images a batch.
        crop_size: height and width that images are brought to; None: as published, else the resolution.
        said: resolution, classes and SE beside what is recorded with the weights.
        machine: that it runs on; None: one GPU where there is one, else the CPU.
        settings: of the dataset: ``root``, ``image_size``, ...

    Raises:
        UserError: there is no such network or dataset, or they have different classes.
    """
    trained = _of_training(arch) if isinstance(arch, Training) else read_trained(arch, weights, said)
    source, _ = _dataset(dataset, settings)
    with tempfile.TemporaryDirectory() as nowhere:
        return evaluate_network(
            trained, source, machine or Machine(), Path(nowhere), batch_size=batch_size, crop_size=crop_size
        )


def _setup(
    arch: str | BaseArchitecture,
    dataset: str | DataSource,
    recipe: str | Recipe | None,
    augmentation: Augmentation | None,
    epochs: int | None,
    batch_size: int | None,
    seed: int,
    resolution: int | None,
    use_se: bool | None,
    machine: Machine | None,
    settings: Mapping[str, Any],
) -> TrainingSetup:
    architecture = read_architecture(arch)
    source, own = _dataset(dataset, settings)
    chosen, brought = _recipe(recipe if recipe is not None else own)
    if epochs is not None:
        chosen = replace(chosen, epochs=epochs, warmup_epochs=min(chosen.warmup_epochs, max(0, epochs - 1)))
    if batch_size is not None:
        chosen = replace(chosen, batch_size=batch_size)
    se = read_setting(arch, use_se=use_se).use_se
    network = build_network(architecture, source.num_classes, se)
    initialise(network, seed)
    size = resolution or source.image_size
    use = bool(getattr(network, "use_se", False))
    return TrainingSetup(network, source, chosen, augmentation or brought, machine or Machine(), size, use)


def _images(setup: TrainingSetup, seed: int, limit: int | None, loader_size: int | None = None) -> ImageData:
    return ImageData(
        setup.source,
        batch_size=setup.recipe.batch_size,
        augmentation=setup.augmentation,
        image_size=loader_size or setup.image_size,
        eval_batch_size=2 * setup.recipe.batch_size,
        eval_image_size=setup.image_size,
        seed=seed,
        limit=limit,
        accumulate=setup.recipe.accumulate,
        channels_last=setup.machine.channels_last,
    )


def _trained(
    setup: TrainingSetup,
    data: ImageData,
    module: Callable[[int], ClassifierModule],
    folder: str | Path | None,
    notify: Callable[[Row], None],
    identity: Mapping[str, Any],
) -> Training:
    with _place(folder) as place:
        fitted = fit(setup, data, module, place, identity, Loop(on_epoch=lambda row, rows: notify(row)))
        network = read_weights(place / WEIGHTS)[0].eval() if (place / WEIGHTS).is_file() else setup.network.cpu().eval()
    best = fitted.best
    return Training(
        network=network,
        architecture=setup.network.architecture,
        val_top1=best.get("val_top1"),
        val_top5=best.get("val_top5"),
        best_epoch=int(best["epoch"]) if "epoch" in best else None,
        history=fitted.rows,
        classes=tuple(setup.source.classes),
        image_size=setup.image_size,
        seconds=fitted.seconds,
        folder=None if folder is None else Path(folder),
    )


@contextmanager
def _place(folder: str | Path | None) -> Any:
    """Give the folder that is asked for, or one that is gone afterwards."""
    if folder is not None:
        path = Path(folder).expanduser()
        path.mkdir(parents=True, exist_ok=True)
        yield path
        return
    with tempfile.TemporaryDirectory() as nowhere:
        yield Path(nowhere)


def _dataset(dataset: str | DataSource, settings: Mapping[str, Any]) -> tuple[DataSource, str]:
    """Return a dataset, ready to be read, and the name of the recipe that it brings."""
    if isinstance(dataset, DataSource):
        dataset.prepare()
        return dataset, "cifar"
    preset = read_preset("dataset", dataset)
    node = {key: value for key, value in resolved(preset.content["dataset"], {}).items() if key != "name"}
    if "_target_" not in node:
        raise UserError("it has no images", key="dataset", value=dataset)
    source: DataSource = made({**node, **settings})
    source.prepare()
    return source, preset.choices.get("recipe", "cifar")


def _recipe(recipe: str | Recipe) -> tuple[Recipe, Augmentation]:
    if isinstance(recipe, Recipe):
        return recipe, Augmentation()
    node = dict(resolved(read_preset("recipe", recipe).content, {}))
    augmentation = Augmentation(**node.pop("augmentation"))
    if isinstance(node.get("decay_epochs"), list):
        node["decay_epochs"] = tuple(node["decay_epochs"])
    with keyed("recipe"):
        found: Recipe = made(node)
    return found, augmentation


def _of_training(training: Training) -> Trained:
    setting = read_setting(training.architecture, training.image_size, len(training.classes))
    return Trained(training.network, setting._replace(use_se=bool(getattr(training.network, "use_se", False))), "a training")
