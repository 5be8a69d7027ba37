"""``zl.train`` and ``zl.distill``: from a structure to a trained network."""

import copy
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from zen_lightning.api.class_files import write_class_files
from zen_lightning.api.fitting import Loop, Row, fit
from zen_lightning.api.kept_folder import kept_folder
from zen_lightning.api.training_files import training_content, write_rows
from zen_lightning.api.training_plan import Asked, stopping
from zen_lightning.api.training_result import Training
from zen_lightning.api.training_setup import TrainingSetup
from zen_lightning.arch import BaseArchitecture
from zen_lightning.data import Augmentation, DataSource, ImageData
from zen_lightning.errors import UserError, keyed
from zen_lightning.nets import read_weights
from zen_lightning.runs.names import WEIGHTS
from zen_lightning.runs.result import Header, write_result
from zen_lightning.system.checked import checked
from zen_lightning.system.named_path import expanded
from zen_lightning.system.value_types import BatchSize, Count, Pixels, Seed
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.distillation import Distillation
from zen_lightning.training.early_stopping import EarlyStopping
from zen_lightning.training.lost_checkpoint import check_not_lost
from zen_lightning.training.progress import ShowProgress
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.teachers import Teacher
from zen_lightning.training.teachers.teacher import WEIGHTS_KEY
from zen_lightning.training.tracing import TRACE, TraceSteps
from zen_lightning.training.trainer import Machine

__all__ = ["Training", "distill", "train"]

Progress = bool | Callable[[Row], None]


@checked
def train(
    arch: str | Path | BaseArchitecture,
    dataset: str | DataSource = "digits",
    *,
    recipe: str | Recipe | None = None,
    augmentation: Augmentation | None = None,
    epochs: Count | None = None,
    batch_size: BatchSize | None = None,
    seed: Seed = 0,
    resolution: Pixels | None = None,
    use_se: bool | None = None,
    weights: str | Path | None = None,
    limit: Count | None = None,
    machine: Machine | None = None,
    folder: str | Path | None = None,
    keep_every: Count | None = None,
    early_stopping: EarlyStopping | int | None = None,
    trace_steps: Count | None = None,
    progress: Progress = False,
    **settings: Any,
) -> Training:
    """Train a network, as ``task=train`` does.

    Ctrl-C stops after a step and raises KeyboardInterrupt; with a folder the same call continues there.

    Args:
        arch: a structure, a name of the zoo, a file that holds one, the folder of a run, or an architecture.
        dataset: a name (``digits``, ``cifar10``, ...), or a dataset; classes and image size are its own.
        recipe: a name (``cifar``, ``imagenet``, ``digits``), or a recipe; None: the one that the dataset brings, or ``small``,
            with a sentence, where that would leave the statistics of batch norms unfinished.
        augmentation: the augmentation of the training images; None: that of the recipe by name, else the defaults of its class.
        epochs: instead of those of the recipe; its warm-up is shortened to fit.
        batch_size: images a step, instead of those of the recipe.
        seed: the seed of the weights, the order of the images and their augmentation.
        resolution: height and width of the images; None: the dataset's own.
        use_se: whether the network has squeeze-and-excitation; None: as recorded with it, else without.
        weights: file, or folder of a training, to begin with; other classes get a fresh classifier. None: random weights.
        limit: training images; None: all.
        machine: the machine that it runs on; None: one GPU where there is one, else the CPU.
        folder: the folder for weights, history, checkpoints and result; a training that was stopped there is continued.
            None: none is kept.
        keep_every: epochs between two checkpoints that stay, ``checkpoints/epoch-0010.ckpt`` and so on; None: none does.
        early_stopping: ends the training when validation no longer improves: an
            :class:`~zen_lightning.training.early_stopping.EarlyStopping`, or its patience, in validations. None: nothing does.
        trace_steps: steps that PyTorch's profiler traces, to ``trace.json`` in the folder; None: none.
        progress: True shows a bar; or a function that is called with the row of each epoch.
        settings: the settings of the dataset: ``root``, ``image_size``, ...

    Raises:
        UserError: a value that cannot be used, images that are not there, or a folder that holds another training.
        KeyboardInterrupt: stopped by Ctrl-C; the message says what is kept.

    Example:
        >>> import zen_lightning as zl
        >>> found = zl.train("SuperConvK3BNRELU(3,8,2,1)", "digits", epochs=1, limit=64, batch_size=16, resolution=8)
        >>> len(found.history), found.network.training
        (1, False)
    """
    asked = Asked(
        arch, dataset, recipe, augmentation, epochs, batch_size, seed, resolution, use_se, weights, limit, machine, settings
    )
    keeping = _keeping(folder, keep_every, early_stopping, trace_steps)
    with kept_folder(folder) as place:
        check_not_lost(place, "folder")
        setup = asked.setup(place)

        def module(train_images: int) -> ClassifierModule:
            return ClassifierModule(setup.network, setup.recipe, train_images, seed, setup.image_size)

        return _trained("train", asked, setup, asked.images(setup), module, place, folder is not None, progress, keeping)


@checked
def distill(
    arch: str | Path | BaseArchitecture,
    teacher: Teacher | Training,
    dataset: str | DataSource = "digits",
    *,
    distillation: Distillation | None = None,
    recipe: str | Recipe | None = None,
    augmentation: Augmentation | None = None,
    epochs: Count | None = None,
    batch_size: BatchSize | None = None,
    seed: Seed = 0,
    resolution: Pixels | None = None,
    use_se: bool | None = None,
    weights: str | Path | None = None,
    limit: Count | None = None,
    machine: Machine | None = None,
    folder: str | Path | None = None,
    keep_every: Count | None = None,
    early_stopping: EarlyStopping | int | None = None,
    trace_steps: Count | None = None,
    progress: Progress = False,
    **settings: Any,
) -> Training:
    """Train a network that also learns from a teacher; images are loaded at the larger of both networks' sizes.

    Args:
        arch: as for :func:`train`, as are the other arguments.
        teacher: what :func:`train` returned, or a teacher of :mod:`zen_lightning.training.teachers`: ``TimmTeacher(...)``,
            ``trained_teacher("runs/teacher")``.
        dataset: a name, or a dataset.
        distillation: how features and logits are compared; None: as in Zen-NAS.
        recipe: a name, or a recipe.
        augmentation: the augmentation of the training images.
        epochs: instead of those of the recipe.
        batch_size: images a step.
        seed: the seed of all draws.
        resolution: height and width of the student's images.
        use_se: whether the student has squeeze-and-excitation.
        weights: the weights of the student, to begin with.
        limit: training images; None: all.
        machine: the machine that it runs on.
        folder: the folder for weights, history, checkpoints and result.
        keep_every: epochs between two checkpoints that stay.
        early_stopping: ends the training when validation no longer improves.
        trace_steps: steps that PyTorch's profiler traces.
        progress: True shows a bar; or a function that is called with the row of each epoch.
        settings: the settings of the dataset.

    Raises:
        UserError: a value that cannot be used, or a teacher of other classes.
        KeyboardInterrupt: as for :func:`train`.

    Example:
        >>> import zen_lightning as zl
        >>> tiny = {"epochs": 1, "limit": 64, "batch_size": 16, "resolution": 8}
        >>> teacher = zl.train("SuperConvK3BNRELU(3,16,2,1)", "digits", **tiny)
        >>> how = Distillation(first_ratio=2)  # These tiny networks have no feature maps of 1/16 of the image.
        >>> zl.distill("SuperConvK3BNRELU(3,8,2,1)", teacher, "digits", distillation=how, **tiny).best_epoch
        1
    """
    from zen_lightning.training.distiller import Distiller
    from zen_lightning.training.teachers import StagedTeacher

    how = distillation or Distillation()
    keeping = _keeping(folder, keep_every, early_stopping, trace_steps)
    asked = Asked(
        arch, dataset, recipe, augmentation, epochs, batch_size, seed, resolution, use_se, weights, limit, machine, settings
    )
    with kept_folder(folder) as place:
        check_not_lost(place, "folder")
        setup = asked.setup(place)
        mean, std = setup.source.mean, setup.source.std
        guide = teacher
        if isinstance(guide, Training):  # A teacher freezes its network: it gets a copy.
            guide = StagedTeacher(copy.deepcopy(guide.network), guide.image_size, guide.mean, guide.std)

        def module(train_images: int) -> ClassifierModule:
            return Distiller(setup.network, setup.recipe, train_images, guide, seed, setup.image_size, how, mean, std)

        data = asked.images(setup, max(setup.image_size, guide.image_size))
        more = {f"distillation.{key}": value for key, value in how.as_dict().items()} | {WEIGHTS_KEY: guide.weights_digest()}
        return _trained("distill", asked, setup, data, module, place, folder is not None, progress, keeping, more)


def _trained(
    task: str,
    asked: Asked,
    setup: TrainingSetup,
    data: ImageData,
    module: Callable[[int], ClassifierModule],
    place: Path,
    kept: bool,
    progress: Progress,
    keeping: Loop,
    more: Mapping[str, Any] | None = None,
) -> Training:
    """Train; the files of the run are written where they are kept."""
    began = time.monotonic()

    def on_epoch(row: Row, rows: list[Row]) -> None:
        if kept:
            write_rows(place, rows)
        if callable(progress):
            progress(row)

    loop = replace(
        keeping,
        on_epoch=on_epoch,
        callbacks=[*keeping.callbacks, *([ShowProgress()] if progress is True else [])],
        guard=partial(stopping, folder=place if kept else None),
    )
    fitted = fit(setup, data, module, place, {**asked.identity(setup), **(more or {})}, loop)
    if kept:
        arch = asked.source if isinstance(asked.source, str) else str(setup.network.architecture)
        recipe = {**setup.recipe.as_dict(), "augmentation": asdict(setup.augmentation)}
        content = training_content(setup, fitted, arch, asked.dataset_name, recipe)
        write_class_files(place, fitted.details, setup.source.classes, f"{asked.dataset_name}, best epoch")
        write_result(place, Header(task, asked.seed, fitted.facts["device"], began), content)
    best = fitted.best
    return Training(
        network=read_weights(place / WEIGHTS)[0].eval() if (place / WEIGHTS).is_file() else setup.network.cpu().eval(),
        architecture=setup.network.architecture,
        val_top1=best.get("val_top1"),
        val_top5=best.get("val_top5"),
        best_epoch=int(best["epoch"]) if "epoch" in best else None,
        history=fitted.rows,
        classes=tuple(setup.source.classes),
        image_size=setup.image_size,
        mean=tuple(setup.source.mean),
        std=tuple(setup.source.std),
        seconds=fitted.seconds,
        folder=place if kept else None,
        details=fitted.details,
        stopped_early=fitted.stopped_early,
    )


def _keeping(
    folder: str | Path | None, keep_every: int | None, early_stopping: EarlyStopping | int | None, trace_steps: int | None
) -> Loop:
    """Return what is asked for beside the training itself."""
    rule, callbacks = early_stopping, []
    if rule is not None and not isinstance(rule, EarlyStopping):
        with keyed({"patience": "early_stopping"}):
            rule = EarlyStopping(rule)
    for name, value, what in (
        ("keep_every", keep_every, "checkpoints that stay need"),
        ("trace_steps", trace_steps, "the trace needs"),
    ):
        if value is not None and folder is None:
            raise UserError(f"{what} a place", key=name, value=value, remedy="give folder=DIR too")
    if trace_steps is not None and folder is not None:
        with keyed({"steps": "trace_steps"}):
            callbacks.append(TraceSteps(expanded(folder) / TRACE, trace_steps))
    return Loop(keep_every=keep_every, early_stopping=rule, callbacks=callbacks)
