"""``task=predict``: the classes of images."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from omegaconf import DictConfig, ListConfig

from zen_lightning.api.exported import exporter_of
from zen_lightning.api.loading import LoadedNetwork, dataset_preprocessing, load, loaded
from zen_lightning.api.predicting import Predictions, predict_images
from zen_lightning.api.prediction_files import PAGE, PREDICTIONS, UNREAD, shown, write_predictions
from zen_lightning.data.decode import MAX_PIXELS
from zen_lightning.data.found_images import find_images
from zen_lightning.errors import UserError, keyed
from zen_lightning.nets.device import require_device
from zen_lightning.report.terminal.table import Table
from zen_lightning.system.device import check_device
from zen_lightning.system.live_bar import LiveBar
from zen_lightning.system.numbers import short_time
from zen_lightning.system.short_path import short_path
from zen_lightning.system.value_types import BatchSize, Classes, Count, CountFrom0, OneNetwork, Pixels, Texts
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.training.images import read_source
from zen_lightning.tasks.training.trained_network import read_trained

if TYPE_CHECKING:
    from zen_lightning.tasks.checks import Checks

_ROWS = 20
"""Images in the terminal's table. A choice: a screen; all are in ``predictions.csv``."""

_NEXT = 2
"""Classes after the likeliest one that the terminal shows, which is 80 columns wide."""

_QUIET_SECONDS = 5.0


@dataclass
class PredictKeys:
    """The keys of ``task=predict``."""

    arch: OneNetwork | None = None
    weights: str | None = None
    images: Texts | None = None
    top: Count = 5
    eval_batch_size: BatchSize = 32
    thumbnails: CountFrom0 = 500
    max_pixels: Count = MAX_PIXELS
    use_se: bool | None = None
    resolution: Pixels = 32
    num_classes: Classes = 10
    device: str = "cpu"


class Predict(Task[PredictKeys]):
    """Names the classes of images."""

    name = "predict"
    Keys = PredictKeys
    groups = ("dataset",)
    instead: ClassVar = {"batch_size": "eval_batch_size", "trainer.accelerator": "device", "path": "images", "folder": "images"}
    files = (PREDICTIONS, PAGE, UNREAD, "result.json")
    sections = ("predictions.predictions",)

    def check(self, checks: "Checks") -> None:
        """Note what would be refused, and what would be looked at."""
        from zen_lightning.tasks.training.checking import tell_trained

        checks.ask("arch", _check_asked)
        source = checks.config.arch
        if isinstance(source, str) and exporter_of(source) is None:
            tell_trained(checks)
            checks.ask("device", lambda config: require_device(config.device))
        found = checks.ask("images", lambda config: find_images(images_of(config)))
        if found is not None:
            checks.tell("images", f"{len(found.paths):,}")

    def run(self) -> float:
        """Write the likeliest classes of ``images=`` by the network of ``arch=``, and show them.

        Returns:
            the number of images.

        Raises:
            UserError: there is no such network, or no image that can be read.
        """
        config, keys = self.config, self.keys
        _check_asked(config)
        wanted = images_of(config)
        find_images(wanted)  # Before the network is read, which takes longer.
        network = self._network()
        bar: list[LiveBar] = []

        def progress(done: int, total: int) -> None:
            if not bar:
                bar.append(LiveBar("reading", "images", total, every=_QUIET_SECONDS, last=False).__enter__())
            bar[0].update(done)
            if done == total:
                bar[0].__exit__(None, None, None)

        with keyed({"batch_size": "eval_batch_size"}):
            found = predict_images(network, wanted, keys.top, keys.eval_batch_size, progress, keys.max_pixels)
        write_predictions(self.folder, found, keys.thumbnails, f"The classes of {len(found.images):,} images")
        self._leave(found)
        _show(found)
        print(self.listed())
        if not found.images:
            what = f"none of {len(found.unread):,} images can be read ({found.unread[0].name}: {found.unread[0].reason})"
            raise UserError(what, key="images")
        return float(len(found.images))

    def _network(self) -> LoadedNetwork:
        config, keys = self.config, self.keys
        source = str(keys.arch)
        chosen = "_target_" in config.dataset
        if exporter_of(source) is not None and keys.weights is None:
            return load(source, dataset=read_source(config, self.command) if chosen else None)
        trained = read_trained(config, self.command, source)
        seen = trained.preprocessing
        if chosen:
            seen = dataset_preprocessing(read_source(config, self.command), {}, trained.setting, trained.crop_size)
        return loaded(trained, seen, keys.device)

    def _leave(self, found: Predictions) -> None:
        transform = found.network.transform
        self.leave(
            {
                "arch": self.keys.arch,
                "weights": found.network.origin,
                "images": len(found.images),
                "unread": [{"image": shown(one.name), "reason": one.reason} for one in found.unread],
                "counts": found.counts,
                "predictions": PREDICTIONS,
                "resolution": transform.resolution,
                "crop_size": transform.size,
                "num_classes": len(found.network.classes),
                "images_per_second": round(len(found.images) / max(found.seconds, 1e-9), 1),
            }
        )


def images_of(config: DictConfig) -> list[str]:
    """Return what ``images=`` names."""
    value = config.images
    named = [str(one) for one in value] if isinstance(value, ListConfig | list) else [] if value is None else [str(value)]
    if not named:
        remedy = "a file, a folder, a pattern such as 'photos/*.jpg', a .txt file that lists them, or a list of these"
        raise UserError("task=predict needs images=", key="images", remedy=remedy)
    return named


def _check_asked(config: DictConfig) -> None:
    """Raise a UserError where the command names no network, or a number that cannot be."""
    if not isinstance(config.arch, str):
        remedy = "the folder of a training, a file of weights, an exported .onnx, .pt2 or .xml file, or a name of the zoo"
        raise UserError("task=predict needs arch=", key="arch", remedy=remedy)
    for key, least in (("top", 1), ("eval_batch_size", 1), ("thumbnails", 0)):
        if config[key] < least:
            raise UserError(key=key, value=config[key], expected=f"{least} or more")
    check_device(config.device)


def _show(found: Predictions) -> None:
    """Print the classes of the first images, and what could not be read."""
    if found.images:
        images = "1 image" if len(found.images) == 1 else f"{len(found.images):,} images"
        table = Table(images, ["image", "class", "probability", "next"])
        for one in found.images[:_ROWS]:
            said = one.prediction
            after = list(zip(said.classes, said.probabilities, strict=True))[1 : 1 + _NEXT]
            then = ", ".join(f"{name} {share:.1%}" for name, share in after)
            table.add(_short(one.path), said.top, f"{said.probability:.1%}", then)
        table.print()
        if len(found.images) > _ROWS:
            print(f"{len(found.images) - _ROWS:,} more in {PREDICTIONS}")
        pace = len(found.images) / max(found.seconds, 1e-9)
        print(f"{images} in {short_time(found.seconds)} ({pace:,.0f} a second); weights: {found.network.origin}")
    if found.unread:
        print(f"{len(found.unread):,} could not be read:")
        for left in found.unread[:_ROWS]:
            print(f"  {shown(left.name)}: {left.reason}")
        if len(found.unread) > _ROWS:
            print(f"  {len(found.unread) - _ROWS:,} more in {UNREAD}")


def _short(path: Path, most: int = 32) -> str:
    """Return a path from the working directory on, or its end: a table of 80 columns has room for so many characters."""
    text = shown(short_path(path))
    return text if len(text) <= most else f"...{text[3 - most :]}"
