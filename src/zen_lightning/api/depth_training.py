"""The short training that chooses the depth of a search: its numbers, and what they are made into."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from zen_lightning.errors import UserError
from zen_lightning.system.checked import checked_fields
from zen_lightning.system.value_types import BatchSize, Count, Pixels, Positive

if TYPE_CHECKING:
    from zen_lightning.data import Augmentation, DataSource
    from zen_lightning.training.recipe import Recipe

DEVICES = ("auto", "cpu", "cuda", "mps")
_ACCELERATORS = {"cuda": "gpu"}
"""What Lightning calls a device, where it has another name for it."""

_WARMUP = 1 / 16
"""Part of the epochs in which the learning rate rises. The trained truth (docs/benchmarks.md) has half an epoch of eight."""


@checked_fields
@dataclass(frozen=True)
class DepthTraining:
    """A short training that chooses a depth: the best network of each depth is trained alike, and the best of them wins.

    The recipe is that of the project's own trained truth (docs/benchmarks.md): a learning rate that falls along a cosine,
    label smoothing 0.1, weight decay 5e-4, batch norms with momentum 0.1, no mixup. Images are cropped and flipped as the
    recipe of the dataset has it; AutoAugment, erasing and colour shifts are left out, because a short training learns too
    slowly with them.

    Attributes:
        dataset: a name (``digits``, ``cifar10``, ...), or a dataset.
        epochs: epochs of each training.
        images: training images at most; None: all.
        batch_size: images a step.
        lr: learning rate for each 256 images of a batch.
        seeds: trainings of each network, with seeds of their own; the mean of their accuracies counts.
        resolution: height and width of the images; None: those of the search.
        device: ``auto``, ``cpu``, ``cuda`` or ``mps``; auto: a GPU where there is one.
        settings: the settings of a dataset that is named: ``root``, ``image_size``, ...
        augmentation: how images are cropped and flipped; None: as the recipe that the dataset brings.
        identity: what a dataset that is an object is known by when a run is continued; empty: its class.
        progress: whether a bar is shown.

    Raises:
        UserError: a number that cannot be used.
    """

    dataset: "str | DataSource" = "digits"
    epochs: Count = 8
    images: Count | None = 50_000
    batch_size: BatchSize = 64
    lr: Positive = 0.6
    seeds: Count = 1
    resolution: Pixels | None = None
    device: str = "auto"
    settings: Mapping[str, Any] = field(default_factory=dict)
    augmentation: "Augmentation | None" = None
    identity: Mapping[str, Any] = field(default_factory=dict)
    progress: bool = False

    def __post_init__(self) -> None:
        if self.device not in DEVICES:
            raise UserError(key="device", value=self.device, choices=DEVICES)

    @property
    def name(self) -> str:
        """The name of the dataset, or of its class."""
        return self.dataset if isinstance(self.dataset, str) else getattr(self.dataset, "name", type(self.dataset).__name__)

    def summary(self, resolution: int) -> str:
        """Return it as a sentence has it.

        Args:
            resolution: height and width of the images of the search.

        Example:
            >>> DepthTraining("cifar10", epochs=4, images=2_000, seeds=2).summary(32)
            'training the best network of each 2 times for 4 epochs on cifar10 (2,000 images at most, 32 px)'
        """
        times = f" {self.seeds} times" if self.seeds > 1 else ""
        images = "all images" if self.images is None else f"{self.images:,} images at most"
        size = self.resolution or resolution
        return f"training the best network of each{times} for {self.epochs} epochs on {self.name} ({images}, {size} px)"

    def known_as(self) -> dict[str, Any]:
        """Return what the accuracies depend on; the device and the place of the images are left out."""
        from zen_lightning.api.training_plan import PLACE_KEYS

        numbers = {key: getattr(self, key) for key in ("epochs", "images", "batch_size", "lr", "seeds", "resolution")}
        settings = {key: value for key, value in {**self.settings, **self.identity}.items() if key not in PLACE_KEYS}
        augmented = None if self.augmentation is None else repr(self.augmentation)
        return {"dataset": self.name, **settings, **numbers, "augmentation": augmented}

    def facts(self, resolution: int) -> dict[str, Any]:
        """Return what ``result.json`` says of it; the resolution is that of the search where no other was given."""
        numbers = ("epochs", "images", "batch_size", "lr", "seeds", "device")
        numbered = {key: getattr(self, key) for key in numbers}
        return {"dataset": self.name, **numbered, "resolution": self.resolution or resolution}

    def recipe(self) -> "Recipe":
        """Return the recipe of each training."""
        from zen_lightning.training.recipe import Recipe

        # A warm-up of whole epochs would be most of so short a training.
        return Recipe(
            epochs=self.epochs,
            warmup_epochs=self.epochs * _WARMUP,
            batch_size=self.batch_size,
            lr=self.lr,
            bn_momentum=0.1,
            mixup=0.0,
        )

    def ready(self) -> "Ready":
        """Return the dataset, prepared, with the recipe, the augmentation and the machine.

        Raises:
            UserError: the images are not there or not usable, or the device is not.
        """
        from dataclasses import replace

        from zen_lightning.api.training_plan import one_process, read_dataset, read_recipe
        from zen_lightning.training.trainer import Machine

        source, own = read_dataset(self.dataset, self.settings)
        brought = self.augmentation or read_recipe(own)[1]
        # A policy, erased parts and shifted colours are for long trainings: see above.
        augmentation = replace(brought, policy=None, erasing=0.0, lighting=0.0)
        machine = one_process(Machine(accelerator=_ACCELERATORS.get(self.device, self.device)))
        return Ready(source, self.recipe(), augmentation, machine)


class Ready(NamedTuple):
    """What all trainings of a choice share.

    Attributes:
        source: the dataset.
        recipe: the recipe.
        augmentation: the augmentation.
        machine: what they run on.
    """

    source: "DataSource"
    recipe: "Recipe"
    augmentation: "Augmentation"
    machine: Any
