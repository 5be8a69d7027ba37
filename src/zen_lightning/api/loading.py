"""``zl.load``: a trained network with all that it takes to classify an image."""

from collections.abc import Callable
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from zen_lightning.api.exported import exporter_of, read_exported
from zen_lightning.api.sources import Setting
from zen_lightning.api.trained import Said, Trained, read_trained
from zen_lightning.data import DataSource
from zen_lightning.data.preprocessing import Preprocessing
from zen_lightning.errors import UserError
from zen_lightning.nets.device import require_device
from zen_lightning.nets.export import Exporter
from zen_lightning.system.brief import brief
from zen_lightning.system.checked import checked
from zen_lightning.system.named_path import expanded
from zen_lightning.system.value_types import Classes, Pixels

__all__ = ["LoadedNetwork", "Prediction", "load"]


@dataclass(frozen=True)
class Prediction:
    """What a network says of an image.

    Attributes:
        classes: the names of the likeliest classes, the likeliest first.
        probabilities: that of each, from 0 to 1.
    """

    classes: tuple[str, ...]
    probabilities: tuple[float, ...]

    @property
    def top(self) -> str:
        """The likeliest class."""
        return self.classes[0]

    @property
    def probability(self) -> float:
        """The probability of the likeliest class."""
        return self.probabilities[0]

    def __str__(self) -> str:
        parts = [f"{name} {share:.1%}" for name, share in zip(self.classes, self.probabilities, strict=True)]
        return ", ".join(parts)


@dataclass(frozen=True)
class LoadedNetwork:
    """A trained network, ready to classify.

    Attributes:
        network: takes images of shape (batch, 3, resolution, resolution), as ``transform`` makes them, and returns logits of
            shape (batch, classes); a module in eval mode, or what runs an exported file.
        classes: names, in the order of the logits.
        transform: from a file, an image of Pillow or an array to what the network sees of it.
        origin: where the weights are from.
        device: where the network is.
    """

    network: Callable[[Tensor], Tensor]
    classes: tuple[str, ...]
    transform: Preprocessing
    origin: str
    device: torch.device

    def __repr__(self) -> str:
        device = str(self.device)
        return brief(self, "origin", "classes", resolution=self.transform.resolution, device=device)

    def predict(self, image: str | PathLike[str] | Any, top: int = 5) -> Prediction:
        """Return the likeliest classes of one image.

        Args:
            image: a file, an image of Pillow, or 8 bits of shape (height, width, 3).
            top: how many classes.

        Raises:
            CorruptImageError: the file cannot be read.
        """
        return self.classify(self.transform(image)[None], top)[0]

    @torch.inference_mode()
    def classify(self, images_bchw: Tensor, top: int = 5) -> list[Prediction]:
        """Return the likeliest classes of images that :attr:`transform` made, shape (batch, 3, resolution, resolution)."""
        shares = self.network(images_bchw.to(self.device)).float().softmax(1).cpu()
        best = shares.topk(min(top, len(self.classes)), dim=1)
        return [
            Prediction(tuple(self.classes[at] for at in indices), tuple(values))
            for indices, values in zip(best.indices.tolist(), best.values.tolist(), strict=True)
        ]


@checked
def load(
    arch: str | Path,
    *,
    weights: str | Path | None = None,
    dataset: str | DataSource | None = None,
    resolution: Pixels | None = None,
    num_classes: Classes | None = None,
    use_se: bool | None = None,
    device: str = "cpu",
    **settings: Any,
) -> LoadedNetwork:
    """Return a trained network with its classes and the preparation of its images.

    Args:
        arch: the folder of a training, a file of its weights (``weights.safetensors``, ``checkpoints/best.ckpt``), or a name of
            the zoo, or an exported file (``model.onnx``, ``model.pt2``, ``model.xml``); with ``weights`` an architecture.
        weights: file of the weights, or the folder of a training.
        dataset: the dataset whose classes, mean and deviation are used, for weights that do not say.
        resolution: height and width of what the network sees; None: as recorded with the weights.
        num_classes: the number of classes, for weights that record none.
        use_se: likewise.
        device: where it runs: ``cpu``, ``cuda``, ``mps``.
        settings: the settings of the dataset: ``root``, ...

    Raises:
        UserError: there are no such weights, or nothing says what their classes are.

    Example:
        >>> import tempfile
        >>> import zen_lightning as zl
        >>> from PIL import Image
        >>> tiny = {"epochs": 1, "limit": 64, "batch_size": 16, "resolution": 8}
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = zl.train("SuperConvK3BNRELU(3,8,2,1)", "digits", folder=folder, **tiny)
        ...     net = zl.load(folder)
        >>> net.network.training, net.classes[:3], net.transform.resolution
        (False, ('0', '1', '2'), 8)
        >>> len(net.predict(Image.new("RGB", (20, 30)), top=2).classes)
        2
    """
    require_device(device)
    text = str(arch)
    exporter = exporter_of(text)
    if exporter is not None and weights is None:
        return _load_exported(expanded(text), exporter, dataset, settings)
    trained = read_trained(text, weights, Said(resolution, num_classes, use_se))
    seen = trained.preprocessing
    if dataset is not None:
        seen = dataset_preprocessing(dataset, settings, trained.setting, trained.crop_size)
    return loaded(trained, seen, device)


def loaded(trained: Trained, seen: Preprocessing | None, device: str = "cpu") -> LoadedNetwork:
    """Return a trained network on a device, with the preparation of its images.

    Raises:
        UserError: nothing says how its images are prepared, or torch does not find the device.
    """
    require_device(device)
    if seen is None:
        what = f"{trained.origin}: nothing says what its classes are and how images are normalised"
        raise UserError(what, key="arch", remedy="name the dataset that it was trained on by {dataset}=", involves=["dataset"])
    place = torch.device(device)
    return LoadedNetwork(trained.network.to(place).eval(), seen.classes, seen, trained.origin, place)


def dataset_preprocessing(
    dataset: str | DataSource, settings: dict[str, Any], setting: Setting, crop_size: int | None = None
) -> Preprocessing:
    """Return how the images of a dataset are prepared for a network.

    Raises:
        UserError: there is no such dataset, or it has other classes.
    """
    from zen_lightning.api.training_plan import read_dataset

    source, _ = read_dataset(dataset, settings)
    if source.num_classes != setting.num_classes:
        what = f"the network has {setting.num_classes} classes, and the dataset {source.num_classes}"
        raise UserError(what, key="dataset", remedy="choose the dataset that it was trained on")
    return Preprocessing.of_source(source, setting.resolution, crop_size)


def _load_exported(path: Path, exporter: Exporter, dataset: str | DataSource | None, settings: dict[str, Any]) -> LoadedNetwork:
    run, seen, metadata = read_exported(path, exporter)
    if dataset is not None:
        try:
            setting = Setting(int(metadata["resolution"]), int(metadata["num_classes"]))
        except (KeyError, ValueError):
            what = f"{path}: it does not say how large its images are: it was not written by task=export"
            raise UserError(what, key="arch") from None
        seen = dataset_preprocessing(dataset, settings, setting)
    if seen is None:
        what = f"{path}: nothing says what its classes are and how images are normalised"
        raise UserError(what, key="arch", remedy="export it again, or name its dataset by {dataset}=", involves=["dataset"])
    return LoadedNetwork(run, seen.classes, seen, str(path), torch.device("cpu"))
