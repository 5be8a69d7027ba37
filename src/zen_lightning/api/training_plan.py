"""From the arguments of ``zl.train`` and ``zl.distill`` to a training that is ready to start."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import pytorch_lightning as pl

from zen_lightning.api.few_images import (
    FOR_MANY,
    SMALL,
    is_better,
    is_continued_with,
    tell_batch,
    tell_chosen,
    with_fitting_batch,
)
from zen_lightning.api.larger_images import tell_larger_images
from zen_lightning.api.presets import made, read_preset, resolved
from zen_lightning.api.sources import read_architecture, read_setting
from zen_lightning.api.trained import read_trained, with_fresh_classifier
from zen_lightning.api.training_setup import TrainingSetup
from zen_lightning.arch import BaseArchitecture
from zen_lightning.data import Augmentation, DataSource, ImageData
from zen_lightning.data.grey import GreyRange
from zen_lightning.data.own_source import check_description, check_images
from zen_lightning.data.worker import worker_failure
from zen_lightning.errors import UserError, keyed, nearest
from zen_lightning.nets import StagedNetwork, build_network
from zen_lightning.system.cores import SHARE
from zen_lightning.system.processes import launched
from zen_lightning.training.checkpoints import LAST, begun_grey_range, read_identity
from zen_lightning.training.class_weights import class_weights
from zen_lightning.training.initialise import initialise
from zen_lightning.training.interruption import Interrupted, Interruption
from zen_lightning.training.memory_layout import with_safe_layout
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.strategy import devices_on_machine
from zen_lightning.training.trainer import Machine

PLACE_KEYS = ("_target_", "root", "download", "verify", "placement")
"""Keys of a dataset that do not change what it holds; where images live in the end is part of a training's identity."""

_SIGINT_CODE = 130


@dataclass(frozen=True)
class Asked:
    """The arguments; see :func:`zen_lightning.api.training.train`."""

    arch: str | Path | BaseArchitecture
    dataset: str | DataSource
    recipe: str | Recipe | None
    augmentation: Augmentation | None
    epochs: int | None
    batch_size: int | None
    seed: int
    resolution: int | None
    use_se: bool | None
    weights: str | Path | None
    limit: int | None
    machine: Machine | None
    settings: Mapping[str, Any]

    @property
    def source(self) -> str | BaseArchitecture:
        """What names the architecture, a path as text."""
        return str(self.arch) if isinstance(self.arch, Path) else self.arch

    def setup(self, folder: Path) -> TrainingSetup:
        """Return the training; weights are not read for one that the folder continues.

        Raises:
            UserError: a value that cannot be used, or images that are not there.
        """
        if self.seed < 0:
            raise UserError(key="seed", value=self.seed, expected="0 or more")
        machine = one_process(self.machine or Machine())
        architecture = read_architecture(self.source)
        source, own = read_dataset(self.dataset, self.settings, begun_grey_range(folder))
        chosen, brought = self._with_numbers(self.recipe if self.recipe is not None else own)
        taken = None
        if self.recipe is None and self.weights is None and own in FOR_MANY:
            small, lighter = self._with_numbers(SMALL)
            if self._takes(small, chosen, own, source, folder):
                chosen, brought, taken = small, lighter, SMALL
        if self.batch_size is None and not isinstance(self.recipe, Recipe):
            larger, images = chosen, self._count(source)
            chosen = with_fitting_batch(larger, images, 1)
            tell_batch(larger, chosen, images, "batch_size")
        size = source.image_size if self.resolution is None else self.resolution
        if size < 1:
            raise UserError(key="resolution", value=size, expected="1 or more")
        if self.resolution is None and "image_size" not in self.settings:
            tell_larger_images(self.source, architecture, size, source.num_classes)
        class_weights(chosen.class_weights, source.classes)
        network = self._network(architecture, source.num_classes, (folder / LAST).exists())
        use_se = bool(getattr(network, "use_se", False))
        machine = with_safe_layout(machine, network)
        return TrainingSetup(network, source, chosen, self.augmentation or brought, machine, size, use_se, taken)

    def _with_numbers(self, recipe: str | Recipe) -> tuple[Recipe, Augmentation]:
        """Return a recipe and its augmentation, with the epochs and the batch that are asked for."""
        chosen, brought = read_recipe(recipe)
        if self.epochs is not None:
            chosen = replace(chosen, epochs=self.epochs, warmup_epochs=min(chosen.warmup_epochs, max(0, self.epochs - 1)))
        if self.batch_size is not None:
            chosen = replace(chosen, batch_size=self.batch_size)
        return chosen, brought

    def _takes(self, small: Recipe, recipe: Recipe, name: str, source: DataSource, folder: Path) -> bool:
        """Whether the small recipe is taken instead of the one that the dataset brings; it is said then."""
        images = self._count(source)
        last = folder / LAST
        begun = not last.exists() or is_continued_with(small, read_identity(last))
        if not is_better(small, recipe, images) or not begun:
            return False
        tell_chosen(name, recipe, images, f"recipe={name!r}")
        return True

    def _count(self, source: DataSource) -> int:
        """Return the number of training images."""
        count = len(source.train())
        return count if self.limit is None else min(count, self.limit)

    def images(self, setup: TrainingSetup, loader_size: int | None = None) -> ImageData:
        """Return the loaders.

        Args:
            setup: the setup of the training.
            loader_size: height and width that images are loaded at; None: as the network sees them.
        """
        with keyed({"image_size": "resolution"}):
            return setup.images(loader_size, seed=self.seed, limit=self.limit)

    def identity(self, setup: TrainingSetup) -> dict[str, Any]:
        """Return what makes it this training, under the keys of the command line: each continues what the other began."""
        node = _dataset_node(self.dataset) if isinstance(self.dataset, str) else {"name": type(self.dataset).__name__}
        held = {f"dataset.{key}": value for key, value in {**node, **self.settings}.items() if key not in PLACE_KEYS}
        augmented = {f"recipe.augmentation.{key}": value for key, value in asdict(setup.augmentation).items()}
        return {**held, **augmented, "seed": self.seed}

    @property
    def dataset_name(self) -> str:
        """The name of the dataset, or of its class."""
        return self.dataset if isinstance(self.dataset, str) else type(self.dataset).__name__

    def _network(self, architecture: BaseArchitecture, num_classes: int, continued: bool) -> StagedNetwork:
        if self.weights is None or continued:
            network = build_network(architecture, num_classes, read_setting(self.source, use_se=self.use_se).use_se)
            initialise(network, self.seed)
            return network
        network = read_trained(str(architecture), self.weights).network
        if network.classifier.linear.out_features != num_classes:
            with_fresh_classifier(network, num_classes, self.seed)
        return network


def read_dataset(
    dataset: str | DataSource, settings: Mapping[str, Any], grey: GreyRange | None = None
) -> tuple[DataSource, str]:
    """Return a dataset, ready to be read, and the name of the recipe that it brings.

    Args:
        dataset: a name, or a dataset.
        settings: the settings of one by name: ``root``, ``image_size``, ...
        grey: what a network was trained with: images of more than 8 bits a channel are read by it, and no range is measured.

    Raises:
        UserError: there is no such dataset, a setting that it does not have, or its images are not usable.
    """
    if isinstance(dataset, DataSource):
        if settings:
            names = ", ".join(settings)
            raise UserError(f"{names}: a dataset that is an object has its settings already", key=next(iter(settings)))
        check_description(dataset)
        dataset = dataset if grey is None else dataset.with_grey_range(grey)
        dataset.prepare()
        check_images(dataset)
        return dataset, "cifar"
    node = {key: value for key, value in _dataset_node(dataset).items() if key != "name"}
    if "_target_" not in node:
        raise UserError("it has no images", key="dataset", value=dataset)
    for name in settings:
        if name not in node or name == "_target_":
            known = [key for key in node if key != "_target_"]
            meant = nearest(name, [*known, *(field.name for field in fields(Asked))])
            what = f"there is no argument {name}, and dataset={dataset} has no such setting{meant}"
            raise UserError(what, key=name, remedy=f"its settings are {', '.join(known)}")
    source: DataSource = made({**node, **settings})
    source = source if grey is None else source.with_grey_range(grey)
    source.prepare()
    return source, read_preset("dataset", dataset).choices.get("recipe", "cifar")


def one_process(machine: Machine) -> Machine:
    """Return a machine that this process can train on by itself.

    Raises:
        UserError: it asks for several processes, or this is one of several: those need a command that starts them.
    """
    remedy = "train in several processes by the command line: python run.py task=train trainer.devices=N (docs/training.md)"
    count = (devices_on_machine(machine.accelerator, machine.devices) or 1) * machine.num_nodes
    if count > 1:
        value = f"{machine.devices} num_nodes={machine.num_nodes}"
        raise UserError(f"a function runs in one process, and this asks for {count}", key="devices", value=value, remedy=remedy)
    outside = launched()
    if outside is not None and outside.processes > 1:
        what = f"{outside.by} started {outside.processes} processes, and a function runs in one"
        raise UserError(what, key="machine", remedy=remedy)
    return machine


@contextmanager
def stopping(trainer: pl.Trainer, interruption: Interruption, folder: Path | None) -> Iterator[None]:
    """Save at Ctrl-C, and raise KeyboardInterrupt as any function does: Lightning would end the process, a notebook's too.

    Args:
        trainer: the trainer of the training.
        interruption: the interruption of the training.
        folder: the folder that was asked for; None: nothing is kept.

    Raises:
        KeyboardInterrupt: it was stopped by Ctrl-C.
        UserError: a process that reads images was killed.
    """
    try:
        with interruption.listening():
            yield
    except Interrupted as stop:
        if stop.code != _SIGINT_CODE:
            raise SystemExit(stop.code) from None
        kept = "nothing is kept without folder="
        if folder is not None:
            kept = f"saved after {stop.saved}; the same call continues, with folder={str(folder)!r}"
        raise KeyboardInterrupt(f"{stop}: {kept}") from None
    except RuntimeError as error:
        what = worker_failure(error)
        if what is None:
            raise
        place = folder if folder is not None and (folder / LAST).exists() else None
        goes_on = "call again" if place is None else f"the same call continues, with folder={str(place)!r}"
        cause = f"memory that ran out is the usual cause. {SHARE}=1 in the environment makes it one process alone"
        raise UserError(what, remedy=f"{cause}; {goes_on}") from error
    except SystemExit as stop:
        if isinstance(stop.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        raise


def _dataset_node(name: str) -> dict[str, Any]:
    found: dict[str, Any] = resolved(read_preset("dataset", name).content["dataset"], {})
    return found


def read_recipe(recipe: str | Recipe) -> tuple[Recipe, Augmentation]:
    """Return a recipe, and the augmentation that is part of one by name; errors as for :func:`read_dataset`."""
    if isinstance(recipe, Recipe):
        return recipe, Augmentation()
    node = dict(resolved(read_preset("recipe", recipe).content, {}))
    augmentation = Augmentation(**node.pop("augmentation"))
    with keyed("recipe"):
        found: Recipe = made(node)
    return found, augmentation
