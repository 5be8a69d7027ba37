"""A training, ready to start."""

from typing import Any, NamedTuple

from zen_lightning.data import Augmentation, DataSource, ImageData
from zen_lightning.nets import StagedNetwork
from zen_lightning.training.recipe import Recipe
from zen_lightning.training.trainer import Machine


class TrainingSetup(NamedTuple):
    """A training, ready to start.

    Attributes:
        network: the network, with the weights to begin with.
        source: the source of the images.
        recipe: the recipe of the training.
        augmentation: the augmentation of the training images.
        machine: the machine that it runs on.
        image_size: height and width of what the network sees.
        use_se: whether the network has squeeze-and-excitation.
        chosen: the name of the recipe, where none was asked for and that of the dataset does not fit; else None.
    """

    network: StagedNetwork
    source: DataSource
    recipe: Recipe
    augmentation: Augmentation
    machine: Machine
    image_size: int
    use_se: bool
    chosen: str | None = None

    @property
    def num_classes(self) -> int:
        """The classes of the dataset, which are those of the network."""
        return self.source.num_classes

    def images(self, loader_size: int | None = None, *, seed: int, limit: int | None, **reading: Any) -> ImageData:
        """Return the loaders.

        Args:
            loader_size: height and width that images are loaded at; None: as the network sees them.
            seed: seed of the order and the augmentation.
            limit: training images; None: all.
            reading: how :class:`~zen_lightning.data.ImageData` reads: ``workers``, ``prefetch``.

        Raises:
            UserError: an argument out of range.
        """
        return ImageData(
            self.source,
            batch_size=self.recipe.batch_size,
            augmentation=self.augmentation,
            image_size=loader_size or self.image_size,
            eval_batch_size=2 * self.recipe.batch_size,
            eval_image_size=self.image_size,
            seed=seed,
            limit=limit,
            accumulate=self.recipe.accumulate,
            channels_last=self.machine.channels_last,
            sampling=self.recipe.sampling,
            repeats=self.recipe.repeats,
            **reading,
        )
