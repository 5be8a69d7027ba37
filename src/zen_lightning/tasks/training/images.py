"""The dataset of a training or evaluation, from the configuration, and the size of its images."""

import hashlib
import inspect
import os
import tempfile
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from zen_lightning.config import build
from zen_lightning.config.build import target_of
from zen_lightning.data import DataSource
from zen_lightning.data.grey import GreyRange
from zen_lightning.data.own_source import check_description, check_images
from zen_lightning.errors import UserError, keyed
from zen_lightning.runs.command import NO_COMMAND, Command
from zen_lightning.system.locks import locked
from zen_lightning.system.memory import check_image_fits


def make_source(config: DictConfig) -> DataSource:
    """Return the dataset as it is named, before anything slow is done for it.

    Raises:
        UserError: there is no such dataset.
    """
    if "_target_" not in config.dataset:
        what = f"task={config.task.name} needs images: dataset={config.dataset.name} has none"
        raise UserError(what, key="dataset", remedy="see the choices in --help")
    node = config.dataset
    arguments = inspect.signature(target_of(node, "dataset", DataSource)[0]).parameters
    # A source of one's own need not take its name, nor a folder that it does not have.
    left = [key for key in ("name", "root") if key not in arguments and (key == "name" or node.get(key) is None)]
    source = build(node, "dataset", DataSource, without=left)
    if "name" in left:
        source.name = str(node.name)
    check_description(source)
    return source


def read_source(config: DictConfig, command: Command = NO_COMMAND, grey: GreyRange | None = None) -> DataSource:
    """Return the dataset, after all that is slow or may fail has been done for it.

    Args:
        config: names it.
        command: says what was asked for.
        grey: what a network was trained with: images of more than 8 bits a channel are read by it, and no range is measured.

    Raises:
        UserError: there is no such dataset, its images are not usable, or the command line says other classes than it has.
    """
    source = make_source(config)
    if grey is not None:
        source = source.with_grey_range(grey)
    # Several processes of one machine begin at once under torchrun or SLURM: one downloads and checks, the others wait for it.
    user = os.getuid() if hasattr(os, "getuid") else 0
    key = hashlib.sha256(repr((user, OmegaConf.to_yaml(config.dataset))).encode()).hexdigest()[:16]
    with locked(Path(tempfile.gettempdir()) / f"zen-lightning-{key}.lock"), keyed("dataset"):
        source.prepare()
    check_images(source)
    check_classes(config, command, source)
    return source


def check_classes(config: DictConfig, command: Command, source: DataSource) -> None:
    """Raise a UserError where the dataset has one class alone, or the command line says others than it has."""
    if source.num_classes < 2:
        what = f"one class alone ({source.classes[0]}) cannot be told from others"
        raise UserError(what, key="dataset", value=config.dataset.name)
    if "num_classes" in command.keys and config.num_classes != source.num_classes:
        what, remedy = (
            f"dataset={config.dataset.name} has {source.num_classes} classes",
            "leave num_classes out, or choose another dataset",
        )
        raise UserError(what, key="num_classes", value=config.num_classes, remedy=remedy)


def image_size_of(config: DictConfig, command: Command, source: DataSource) -> int:
    """Return the height and width of the images: ``resolution=`` where the command line says it, else the dataset's own."""
    if "resolution" not in command.keys:
        return source.image_size
    if config.resolution < 1:
        raise UserError(key="resolution", value=config.resolution, expected="1 or more")
    check_image_fits(config.resolution)
    return int(config.resolution)
