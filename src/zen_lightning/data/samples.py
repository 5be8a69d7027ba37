"""Images with their augmentation, the same whoever asks for them."""

import hashlib
from typing import NamedTuple

import torch
from torch.utils.data import Dataset

from zen_lightning.data.batch import RawBatch
from zen_lightning.data.pixels import Pixels, pixels_of
from zen_lightning.data.source import Images
from zen_lightning.data.transforms import Transform, Transformed
from zen_lightning.errors import UserError


class SampleKey(NamedTuple):
    """Which sample: an image in an epoch, and how often it was shown there before."""

    epoch: int
    index: int  # type: ignore[assignment]  # A tuple has a method of that name.
    draw: int = 0


class SampleError(UserError):
    r"""A user's error in a loader's worker.

    Torch raises it again in the training process, with the worker's traceback for a message; of that, the sentence is kept.

    Example:
        >>> str(SampleError("Caught SampleError in worker 0 ...\nzen_lightning.data.samples.SampleError: no image\n"))
        'no image'
    """

    def __init__(self, message: str) -> None:
        super().__init__(message.rpartition(f"{__name__}.SampleError: ")[2].rstrip("\n"))


class SeededSamples(Dataset[RawBatch]):
    """Images as workers deliver them.

    What is random in an image's augmentation depends on the seed, the epoch, the index and how often it was shown before in
    this epoch: on no other image, on no worker, and on nothing that was drawn before. Torch's generator is left as it was.

    Args:
        images: the images to transform.
        transform: of an image; it draws from torch's default generator for the CPU.
        seed: seed of the augmentation; None: nothing is drawn.
    """

    def __init__(self, images: Images, transform: Transform, seed: int | None) -> None:
        self.images = images
        self.transform = transform
        self.seed = seed

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, key: SampleKey) -> RawBatch:
        """Return a sample: an image (height, width, 3), uint8, its label, and what was drawn for it.

        Raises:
            SampleError: the image cannot be read.
        """
        epoch, index, draw = key
        try:
            pixels = pixels_of(self.images, index)
        except UserError as error:
            raise SampleError(str(error)) from None
        image, colour, erased = self._drawn(pixels, epoch, index, *([draw] if draw else ()))
        return RawBatch(image, torch.tensor(self.images.label(index)), colour, erased)

    def _drawn(self, pixels: Pixels, *what: int) -> Transformed:
        if self.seed is None:
            return self.transform(pixels)
        # torch.manual_seed would queue a seed for each GPU, too, and torch.random.fork_rng is ten times as slow.
        generator = torch.default_generator
        state = generator.get_state()
        try:
            generator.manual_seed(mixed_seed(self.seed, *what))
            return self.transform(pixels)
        finally:
            generator.set_state(state)


def mixed_seed(*numbers: int) -> int:
    """Return 63 bits that depend on all the numbers; neighbours have nothing in common.

    Torch's generator for the CPU uses the lower 32 of them.
    """
    text = ":".join(map(str, numbers)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little") >> 1
