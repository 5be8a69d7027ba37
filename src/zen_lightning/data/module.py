"""The loaders of a training, as Lightning wants them."""

import hashlib
import sys
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytorch_lightning as pl
import torch
from numpy.typing import NDArray
from torch import Tensor

from zen_lightning.data.augmentation import Augmentation
from zen_lightning.data.batch import RawBatch
from zen_lightning.data.batched.augment import BatchedAugmentation
from zen_lightning.data.batched.images import DeviceImages
from zen_lightning.data.batched.loader import DeviceLoader
from zen_lightning.data.device_transform import DeviceTransform
from zen_lightning.data.labels import class_counts, labels_of
from zen_lightning.data.picked_images import drawn_images
from zen_lightning.data.pixels import Pixels
from zen_lightning.data.placement import Placement, kept_for, kept_for_validation, placed
from zen_lightning.data.sample_loader import SampleLoader, sample_loader
from zen_lightning.data.sampler import EpochSampler, ShardSampler
from zen_lightning.data.samples import SeededSamples
from zen_lightning.data.source import DataSource, Images
from zen_lightning.data.transforms import EvalTransform, TrainTransform
from zen_lightning.data.worker import auto_workers
from zen_lightning.errors import UserError
from zen_lightning.system.processes import is_main_process

Loader = SampleLoader | DeviceLoader


class ImageData(pl.LightningDataModule):
    """The training and validation images of a source, for one process or many.

    A network sees images (batch, 3, height, width), float32, normalised, and labels (batch,), int64. Their order and
    augmentation depend on the seed alone, not on workers or processes. The trainer must not replace the samplers:
    ``use_distributed_sampler=False``. Where the source's placement is ``device``, all images live on the device of the trainer
    (of a process: each has them all) and are augmented there; see :meth:`place`.

    The loaders deliver a :class:`~zen_lightning.data.batch.RawBatch` of 8 bits; lighting, normalisation and erasing are left to
    the device. Lightning's trainer has them done by :meth:`on_after_batch_transfer`. Code that iterates over a loader without
    a trainer calls :meth:`finish` on each batch.

    Args:
        source: the dataset.
        batch_size: training images a process takes at a time.
        augmentation: what is done to the training images.
        image_size: height and width; None: the source's.
        eval_batch_size: validation images at a time; None: as in training.
        eval_image_size: height and width in validation; None: as in training.
        eval_crop_ratio: as :attr:`DataSource.crop_ratio`; ``source``: the source's own.
        workers: processes that read images, for each loader; ``auto``: none for a light source, else the cores of this
            training process, see :func:`~zen_lightning.data.worker.auto_workers`.
        prefetch: batches that each worker reads ahead; 2 is PyTorch's own default.
        seed: seed of the order and the augmentation.
        limit: train on this many images at most, drawn once with the seed; None: on all.
        accumulate: training batches whose gradients are added up.
        start_method: how workers are started; None: Python's own choice.
        channels_last: whether the images lie channels last in memory, as a network with such weights wants them.
        sampling: ``shuffled`` or ``balanced``: see :class:`~zen_lightning.data.sampler.EpochSampler`, as for ``repeats``.
        repeats: how often a training image is shown in a row.

    Attributes:
        source: as given.
        train_sampler: the sampler of the last :meth:`train_dataloader`.
        position: finished epochs, and batches of the next that are done, where training begins or was last saved; it travels
            with checkpoints.

    Raises:
        UserError: an argument out of range.

    Example:
        >>> from zen_lightning.data import Digits
        >>> data = ImageData(Digits(), batch_size=8, augmentation=Augmentation())
        >>> for batch in data.val_dataloader():
        ...     images, labels = data.finish(batch)
        >>> images.dtype, images.shape
        (torch.float32, torch.Size([7, 3, 16, 16]))
    """

    def __init__(
        self,
        source: DataSource,
        batch_size: int,
        augmentation: Augmentation,
        image_size: int | None = None,
        eval_batch_size: int | None = None,
        eval_image_size: int | None = None,
        eval_crop_ratio: float | Literal["source"] | None = "source",
        workers: int | str = "auto",
        prefetch: int = 2,
        seed: int = 0,
        limit: int | None = None,
        accumulate: int = 1,
        start_method: Literal["fork", "spawn", "forkserver"] | None = None,
        channels_last: bool = False,
        sampling: str = "shuffled",
        repeats: int = 1,
    ) -> None:
        super().__init__()
        if not (workers == "auto" or isinstance(workers, int)) or (isinstance(workers, int) and workers < 0):
            raise UserError(key="workers", value=workers, expected="auto, or 0 or more")
        if not isinstance(prefetch, int) or isinstance(prefetch, bool) or prefetch < 1:
            raise UserError(key="prefetch", value=prefetch, expected="a whole number of batches, 1 or more")
        for key, value in (("batch_size", batch_size), ("limit", limit), ("image_size", image_size)):
            if value is not None and value < 1:
                raise UserError(key=key, value=value, expected="1 or more")
        self.source = source
        self.batch_size = batch_size
        self.augmentation = augmentation
        self.image_size = image_size or source.image_size
        self.eval_batch_size = eval_batch_size or batch_size
        self.eval_image_size = eval_image_size or self.image_size
        self.eval_crop_ratio = source.crop_ratio if eval_crop_ratio == "source" else eval_crop_ratio
        self.workers = workers
        self.prefetch = prefetch
        self.seed = seed
        self.limit = limit
        self.accumulate = accumulate
        self.sampling = sampling
        self.repeats = repeats
        self.train_sampler: EpochSampler | None = None
        self.position = (0, 0)
        self._sets: dict[str, tuple[Placement, DeviceImages | None]] = {}
        self._start_method = start_method
        self._channels_last = channels_last
        self._finish: DeviceTransform | None = None
        self._train: Images | None = None
        self._val: Images | None = None

    @property
    def train_size(self) -> int:
        """The number of training images."""
        return len(self._train_images())

    def shown_counts(self) -> NDArray[np.int64]:
        """Return how many images of each class an epoch shows, shape (classes,); alike for all that there are, if balanced."""
        counts = class_counts(self._train_images(), self.source.num_classes)
        return np.minimum(counts, 1) if self.sampling == "balanced" else counts

    def labels_digest(self) -> str:
        """Return a digest of the names of the classes, and of the label of each training image: no image is read."""
        digest = hashlib.sha256("\0".join(self.source.classes).encode("utf-8", "surrogateescape"))
        digest.update(labels_of(self._train_images()).astype("<i8").tobytes())
        return digest.hexdigest()

    def prepare_data(self) -> None:
        """Download, check and measure, on one process of each machine; errors as for :meth:`DataSource.prepare`."""
        self.source.prepare()

    def setup(self, stage: str | None = None) -> None:
        """Open the images."""
        if stage in (None, "fit"):
            self._train_images()
        self._val_images()

    def check_batches(self, processes: int) -> None:
        """Raise a UserError unless there are as many training images as all processes take for one step."""
        sampler = self._sampler(self._train_images(), 0, processes)
        if self.sampling == "balanced":
            next(iter(sampler))  # Images that cannot be balanced are found before the training starts.

    def settle(self, device: torch.device) -> Placement:
        """Settle where the training images live, once, and bring them there.

        They live where the source's ``placement`` says. Images of several sizes, or that would take more than half of the
        device's free memory, stay on the CPU; a line on stderr and the answer then say why.

        Args:
            device: the device of the training.
        """
        kept = kept_for(self.augmentation, self.image_size)
        return self._settled("train", self._train_images(), kept, device)[0]

    def train_dataloader(self) -> Loader:
        """Return the loader of this process's training batches; each has ``batch_size`` images."""
        images = self._train_images()
        rank, world = self._place()
        sampler = self._sampler(images, rank, world)
        self.train_sampler = sampler
        sampler.set_epoch(self.position[0])
        sampler.start_at(*self.position)
        self.settle(self._device())
        here = self._sets["train"][1]
        if here is not None:
            augment = BatchedAugmentation(here, self.augmentation, self.image_size, self.seed)
            return DeviceLoader(here, sampler, self.batch_size, augment, drop_last=True)
        samples = SeededSamples(images, TrainTransform(self.augmentation, self.image_size), self.seed)
        return self._loader(samples, self.batch_size, sampler=sampler, drop_last=True)

    def val_dataloader(self) -> Loader:
        """Return the loader of this process's share of the validation images; the last batch may be smaller."""
        images = self._val_images()
        sampler = ShardSampler(len(images), *self._place())
        kept = kept_for_validation(self.eval_image_size, self.eval_crop_ratio)
        here = self._settled("val", images, kept, self._device())[1]
        if here is not None:
            return DeviceLoader(here, sampler, self.eval_batch_size, None)
        samples = SeededSamples(images, EvalTransform(self.eval_image_size, self.eval_crop_ratio), seed=None)
        return self._loader(samples, self.eval_batch_size, sampler=sampler)

    def test_dataloader(self) -> Loader:
        """Return the loader of the validation images: there are no others."""
        return self.val_dataloader()

    def finish(self, batch: RawBatch) -> tuple[Tensor, Tensor]:
        """Return a batch of a loader as a network sees it, on the device that it is on.

        Returns:
            images, float32 (batch, 3, height, width), with lighting, normalised and erased; labels, int64 (batch,).
        """
        if self._finish is None:
            self._finish = DeviceTransform(self.source.mean, self.source.std, self._channels_last)
        return self._finish(batch)

    def on_after_batch_transfer(self, batch: Any, dataloader_idx: int) -> Any:
        """Finish a batch that Lightning has moved to the device, in the precision of the trainer; leave others as they are."""
        if not isinstance(batch, RawBatch):
            return batch
        images, labels = self.finish(batch)
        if self.trainer is not None:
            images = self.trainer.precision_plugin.convert_input(images)
        return images, labels

    def state_dict(self) -> dict[str, Any]:
        """Return what a checkpoint holds of this."""
        return {"position": list(self.position)}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on where a checkpoint was saved; in the middle of an epoch too, with the images that were still to come."""
        epoch, batches = state_dict["position"]
        self.position = (epoch, batches)

    def _loader(self, samples: SeededSamples, batch_size: int, **options: Any) -> Loader:
        return sample_loader(
            samples,
            batch_size,
            self.seed,
            workers=self._workers(),
            prefetch=self.prefetch,
            start_method=self._start_method,
            pinned=self._on_cuda(),
            **options,
        )

    def _settled(
        self, part: str, images: Images, kept: Callable[[Pixels], Pixels], device: torch.device
    ) -> tuple[Placement, DeviceImages | None]:
        if part not in self._sets:
            found = self._sets[part] = placed(self.source.placement, images, kept, device)
            if found[0].reason and is_main_process():
                print(found[0].reason, file=sys.stderr, flush=True)
        return self._sets[part]

    def _sampler(self, images: Images, rank: int, world: int) -> EpochSampler:
        order = getattr(images, "order", None)  # Of shards, which are read some at a time.
        labels = labels_of(images) if self.sampling == "balanced" else None
        return EpochSampler(len(images), self.batch_size, rank, world, self.seed, self.accumulate, order, labels, self.repeats)

    def _train_images(self) -> Images:
        if self._train is None:
            images = self.source.train()
            self._train = images if self.limit is None else drawn_images(images, self.limit, self.seed)
        return self._train

    def _val_images(self) -> Images:
        if self._val is None:
            self._val = self.source.val()
        return self._val

    def _workers(self) -> int:
        if isinstance(self.workers, int):
            return self.workers
        return 0 if self.source.light else auto_workers(self.trainer.num_devices if self.trainer is not None else 1)

    def _place(self) -> tuple[int, int]:
        return (self.trainer.global_rank, self.trainer.world_size) if self.trainer is not None else (0, 1)

    def _on_cuda(self) -> bool:
        if self.trainer is None:
            return torch.cuda.is_available()
        return self._device().type == "cuda"

    def _device(self) -> torch.device:
        return self.trainer.strategy.root_device if self.trainer is not None else torch.device("cpu")
