"""Which images come when, on which process."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Sampler

from zen_lightning.data.epoch_order import epoch_order
from zen_lightning.data.samples import SampleKey, mixed_seed
from zen_lightning.errors import UserError


class EpochSampler(Sampler[SampleKey]):
    """The training images of one process in a fresh random order each epoch, which depends on seed and epoch alone.

    A global batch is the next batch_size * world images of that order, and each process takes its batch_size of them: the same
    global batches for any number of processes. The last incomplete global batch is dropped, and so are the batches of the last
    incomplete group where gradients of several are added up. With labels or repeats, what an epoch shows is that of
    :func:`~zen_lightning.data.epoch_order.epoch_order`; the images that are shown one after another lie in one global batch.

    Args:
        size: number of training images.
        batch_size: images a process takes at a time.
        rank: rank of this process.
        world: number of processes.
        seed: seed of the order.
        accumulate: batches whose gradients are added up.
        order: makes the order of an epoch from what is random in it; None, and where it returns None: all are equally likely.
        labels: of all images, to show equally many of each class; None: each image once.
        repeats: how often an image is shown in a row, with another augmentation each time.

    Raises:
        UserError: fewer images than one global batch.

    Example:
        >>> sampler = EpochSampler(size=10, batch_size=2, rank=1, world=2)
        >>> len(sampler), len([key.index for key in sampler])
        (4, 4)
    """

    def __init__(
        self,
        size: int,
        batch_size: int,
        rank: int = 0,
        world: int = 1,
        seed: int = 0,
        accumulate: int = 1,
        order: "Callable[[np.random.Generator], NDArray[np.int64] | None] | None" = None,
        labels: NDArray[np.int64] | None = None,
        repeats: int = 1,
    ) -> None:
        if batch_size < 1:
            raise UserError(key="batch_size", value=batch_size, expected="1 or more")
        if size < batch_size * world * accumulate:
            over = [f"on {world} processes"] * (world > 1) + [f"with {{accumulate}}={accumulate}"] * (accumulate > 1)
            step = f"{batch_size * world * accumulate:,} images a step" + (f" ({', '.join(over)})" if over else "")
            most = size // (world * accumulate)
            raise UserError(
                f"{step} are more than the {size:,} to train on",
                key="batch_size",
                value=batch_size,
                involves=["accumulate"],
                remedy=f"lower it to {most:,} or less" if most else "train on more images, or take fewer processes",
            )
        self.size = size
        self.batch_size = batch_size
        self.rank = rank
        self.world = world
        self.seed = seed
        self.accumulate = accumulate
        self.labels = labels
        self.repeats = repeats
        self._order = order
        self.epoch = 0
        self._started = (0, 0)

    @property
    def batches(self) -> int:
        """The number of batches in a whole epoch."""
        return self.size // (self.batch_size * self.world * self.accumulate) * self.accumulate

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch that is iterated over next."""
        self.epoch = epoch

    def start_at(self, epoch: int, batch: int) -> None:
        """Choose the epoch, and leave out its first batches: those that a run has already seen. Other epochs stay whole.

        Args:
            epoch: counted from 0.
            batch: how many batches of each process are left out.
        """
        if not 0 <= batch <= self.batches:
            raise ValueError(f"batch {batch} of an epoch of {self.batches}")
        self.epoch = epoch
        self._started = (epoch, batch)

    def __len__(self) -> int:
        """Return the number of this process's images in a whole epoch."""
        return self.batches * self.batch_size

    def __iter__(self) -> Iterator[SampleKey]:
        """Yield the keys of the epoch."""
        epoch = self.epoch
        first = self._started[1] if self._started[0] == epoch else 0
        own = self._order(np.random.default_rng(mixed_seed(self.seed, epoch))) if self._order is not None else None
        order = epoch_order(self.size, self.seed, epoch, self.labels, self.repeats, own)
        used, shape = self.batches * self.batch_size * self.world, (self.batches, self.world, self.batch_size)
        indices, draws = (part[:used].reshape(shape)[first:, self.rank] for part in order)
        for batch, drawn in zip(indices, draws, strict=True):
            for index, draw in zip(batch.tolist(), drawn.tolist(), strict=True):
                yield SampleKey(epoch, index, draw)


class ShardSampler(Sampler[SampleKey]):
    """The validation images of one process: each image once over all processes, none twice to fill up.

    Args:
        size: number of validation images.
        rank: rank of this process.
        world: number of processes.
    """

    def __init__(self, size: int, rank: int = 0, world: int = 1) -> None:
        self._indices = range(rank, size, world)

    def __len__(self) -> int:
        """Return the number of this process's images."""
        return len(self._indices)

    def __iter__(self) -> Iterator[SampleKey]:
        """Yield the keys."""
        return (SampleKey(0, index) for index in self._indices)
