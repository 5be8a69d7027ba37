"""``zl.predict``: the classes of images, by a trained network, a published one, or an exported file."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zen_lightning.api.loading import LoadedNetwork, Prediction, load
from zen_lightning.data import DataSource
from zen_lightning.data.decode import MAX_PIXELS, CorruptImageError, Reading
from zen_lightning.data.found_images import find_images
from zen_lightning.errors import UserError
from zen_lightning.system.brief import brief
from zen_lightning.system.checked import checked
from zen_lightning.system.cores import available_cores
from zen_lightning.system.value_types import BatchSize, Classes, Count, Pixels

__all__ = ["PredictedImage", "Predictions", "Unread", "predict", "predict_images"]

Images = str | Path | Sequence[str | Path]


@dataclass(frozen=True)
class PredictedImage:
    """An image and its classes.

    Attributes:
        path: the file.
        prediction: the likeliest classes with their probabilities.
    """

    path: Path
    prediction: Prediction


@dataclass(frozen=True)
class Unread:
    """What was named and could not be read.

    Attributes:
        name: of the file, or what was named.
        reason: why not.
    """

    name: str
    reason: str


@dataclass(frozen=True)
class Predictions:
    """The classes of all images.

    Attributes:
        images: those that could be read, in the order in which they were named.
        unread: the others.
        network: what said it.
        seconds: how long reading and classifying took.
    """

    images: list[PredictedImage]
    unread: list[Unread]
    network: LoadedNetwork
    seconds: float

    def __repr__(self) -> str:
        return brief(self, "counts", images=len(self.images), unread=len(self.unread), of=self.network.origin)

    @property
    def counts(self) -> dict[str, int]:
        """How many images each class is the likeliest of, the most frequent first; classes of none are left out."""
        found: dict[str, int] = {}
        for one in self.images:
            found[one.prediction.top] = found.get(one.prediction.top, 0) + 1
        return dict(sorted(found.items(), key=lambda pair: -pair[1]))


@checked
def predict(
    arch: str | Path | LoadedNetwork,
    images: Images,
    *,
    top: Count = 5,
    weights: str | Path | None = None,
    dataset: str | DataSource | None = None,
    batch_size: BatchSize = 32,
    resolution: Pixels | None = None,
    num_classes: Classes | None = None,
    use_se: bool | None = None,
    device: str = "cpu",
    max_pixels: Count = MAX_PIXELS,
    progress: Callable[[int, int], None] = lambda done, total: None,
    **settings: Any,
) -> Predictions:
    """Return the likeliest classes of images, as ``task=predict`` does.

    Args:
        arch: the folder of a training, a file of its weights, an exported ``.onnx``, ``.pt2`` or ``.xml`` file, a name of the
            zoo, or what :func:`~zen_lightning.api.loading.load` returned; with ``weights`` an architecture.
        images: image files, folders, patterns, or a list of these; see :func:`~zen_lightning.data.found_images.find_images`.
        top: how many classes of each image.
        weights: as for :func:`~zen_lightning.api.loading.load`, as are the arguments below.
        dataset: the dataset whose classes, mean and deviation are used, for weights that do not say.
        batch_size: images at a time.
        resolution: height and width of what the network sees.
        num_classes: the number of classes, for weights that record none.
        use_se: likewise.
        device: where it runs.
        max_pixels: pixels of an image above which it is one that cannot be read.
        progress: called after each batch, with the number of images done and of all.
        settings: the settings of the dataset.

    Raises:
        UserError: there is no such network, or no image at all. Single images that cannot be read are in ``unread``.

    Example:
        >>> import tempfile
        >>> import zen_lightning as zl
        >>> from PIL import Image
        >>> tiny = {"epochs": 1, "limit": 64, "batch_size": 16, "resolution": 8}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = zl.train("SuperConvK3BNRELU(3,8,2,1)", "digits", folder=f"{folder}/run", **tiny)
        ...     Image.new("RGB", (20, 30)).save(f"{folder}/one.png")
        ...     found = zl.predict(f"{folder}/run", f"{folder}/*.png", top=3)
        >>> [(one.path.name, len(one.prediction.classes)) for one in found.images]
        [('one.png', 3)]
    """
    if not isinstance(arch, LoadedNetwork):
        arch = load(
            arch,
            weights=weights,
            dataset=dataset,
            resolution=resolution,
            num_classes=num_classes,
            use_se=use_se,
            device=device,
            **settings,
        )
    return predict_images(arch, images, top, batch_size, progress, max_pixels)


@checked
def predict_images(
    network: LoadedNetwork,
    images: Images,
    top: Count = 5,
    batch_size: BatchSize = 32,
    progress: Callable[[int, int], None] = lambda done, total: None,
    max_pixels: Count = MAX_PIXELS,
) -> Predictions:
    """Return the likeliest classes of images by a network that is loaded; see :func:`predict`."""
    network = replace(network, transform=replace(network.transform, max_pixels=Reading(max_pixels).max_pixels))
    for key, value in (("top", top), ("batch_size", batch_size)):
        if value < 1:
            raise UserError(key=key, value=value, expected="1 or more")
    began = time.monotonic()
    named = find_images(images)
    found: list[PredictedImage] = []
    unread = [Unread(name, reason) for name, reason in named.missing]
    done = 0
    for paths, seen in _batches(network, named.paths, batch_size):
        read = [(path, one) for path, one in zip(paths, seen, strict=True) if isinstance(one, Tensor)]
        unread += [Unread(str(path), one) for path, one in zip(paths, seen, strict=True) if isinstance(one, str)]
        if read:
            told = network.classify(torch.stack([image for _, image in read]), top)
            found += [PredictedImage(path, prediction) for (path, _), prediction in zip(read, told, strict=True)]
        done += len(paths)
        progress(done, len(named.paths))
    return Predictions(found, unread, network, time.monotonic() - began)


def _batches(network: LoadedNetwork, paths: Sequence[Path], size: int) -> Iterator[tuple[list[Path], list[Tensor | str]]]:
    """Yield files and what the network sees of each, or why it cannot be read; the next batch is read meanwhile."""

    def read(path: Path) -> Tensor | str:
        try:
            return network.transform(path)
        except CorruptImageError as error:
            return error.reason

    batches = (list(paths[at : at + size]) for at in range(0, len(paths), size))
    with ThreadPoolExecutor(available_cores()) as pool:
        begun = [(batch, [pool.submit(read, path) for path in batch]) for batch in islice(batches, 2)]
        while begun:
            batch, futures = begun.pop(0)
            yield batch, [future.result() for future in futures]
            begun += [(more, [pool.submit(read, path) for path in more]) for more in islice(batches, 1)]
