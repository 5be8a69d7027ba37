"""Trained networks as files that run without this project."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch

from zen_lightning.api.calibrating import HELD_OUT, IMAGES, CalibrationImages, CalibrationPlan, noise
from zen_lightning.api.file_times import time_files
from zen_lightning.api.sources import FALLBACK, Setting, read_architecture, read_setting
from zen_lightning.api.trained import NOTHING, Said, Trained, read_trained
from zen_lightning.api.training_plan import read_dataset
from zen_lightning.data import DataSource
from zen_lightning.errors import UserError, keyed
from zen_lightning.latency.timing import Timing
from zen_lightning.nets import StagedNetwork, build_network
from zen_lightning.nets.export import EXPORTERS, Exported, Exporter, OnnxExporter, export_network, exporter_named
from zen_lightning.nets.export.calibration import LARGEST_LOSS
from zen_lightning.system.brief import brief
from zen_lightning.system.checked import checked
from zen_lightning.system.memory import check_image_fits
from zen_lightning.system.value_types import Count, PercentagePoints, Seconds, Seed

_STEM = "model"
FILES = tuple(
    str(path) for kind in EXPORTERS for model in [Path(f"{_STEM}{kind.suffix}")] for path in (model, *kind().companions(model))
)
"""The names of all files that an export may write."""

_SETTLING_BATCH = 16
"""Images that batch norms see once. A choice: enough for a mean and a variance, and a second on a laptop."""


class Export(NamedTuple):
    """A network, and the files that it was written to.

    Attributes:
        trained: the network with its weights.
        files: what was written, one for each format.
        timings: seconds for one image on one thread of this CPU: of each file by its name, and of PyTorch by ``PyTorch``;
            empty where nothing was measured.
        calibration: what the images were that int8 took ranges from; None without int8.
    """

    trained: Trained
    files: list[Exported]
    timings: dict[str, Timing]
    calibration: str | None = None

    def __repr__(self) -> str:
        files = [str(one.path) for one in self.files]
        milliseconds = {name: 1000 * timing.median for name, timing in self.timings.items()}
        return brief(self, files=files, milliseconds=milliseconds or None, of=self.trained.origin)


@checked
def export(
    arch: str,
    folder: str | Path,
    format: str | Sequence[str] = "onnx",
    *,
    weights: str | Path | None = None,
    fold: bool = True,
    random_weights: bool = False,
    opset: Count | None = None,
    dynamic_size: bool = False,
    calibration: CalibrationImages | None = None,
    calibration_images: Count = IMAGES,
    dataset: str | DataSource | None = None,
    accuracy_images: Count = HELD_OUT,
    accuracy_loss: PercentagePoints = LARGEST_LOSS,
    measure_seconds: Seconds = 0.0,
    seed: Seed = 0,
    said: Said = NOTHING,
    fallback: Setting = FALLBACK,
    metadata: Mapping[str, str] | None = None,
    **settings: Any,
) -> Export:
    """Write a trained network as ``model.onnx``, ``model.pt2``, ``model.xml``. A file appears once its logits are PyTorch's.

    Files in int8, ``model.int8.onnx`` and ``model.int8.xml``, appear once their accuracy is that of PyTorch, but for
    ``accuracy_loss`` points.

    Args:
        arch: the folder of a training, a name of the zoo, or a ``.safetensors`` file; with ``weights`` an architecture.
        folder: where the files go.
        format: ``onnx``, ``onnx_int8``, ``torch_export``, ``openvino``, ``openvino_int8``, or several.
        weights: file of the weights, where ``arch`` does not say.
        fold: whether batch norms become part of the convolutions before them.
        random_weights: whether a structure that nobody has trained gets fresh weights, to measure how fast it runs.
        opset: version of the ONNX operator set, for runtimes that do not read the newest; None: the one that torch writes.
        dynamic_size: whether the files take images of any height and width, where the network allows it.
        calibration: images that int8 takes the ranges of activations from: files and folders as for
            :func:`~zen_lightning.api.predicting.predict`, or a dataset; None: the training images of ``dataset``.
        calibration_images: how many of them, drawn by the seed.
        dataset: the dataset whose validation images int8 is measured on, and its settings below; without one, images of
            ``calibration`` are held out, and int8 and float32 are compared on them.
        accuracy_images: how many of them at most.
        accuracy_loss: percentage points of accuracy that int8 may lose.
        measure_seconds: seconds that each file is timed for; 0: not at all.
        seed: the seed of fresh weights, and of what is drawn.
        said: resolution, classes and SE beside what is recorded with the weights.
        fallback: resolution and classes where nothing is said and nothing is recorded.
        metadata: written into the files, beside what the network is.
        settings: the settings of the dataset: ``root``, ...

    Raises:
        MissingExtraError: a package of a format is not installed.
        UserError: ``arch`` has no weights, a format does not exist, the logits differ, or int8 has no images or loses too much.
    """
    exporters = exporters_of(format, opset)
    source = None if dataset is None else read_dataset(dataset, settings)[0]
    plan = CalibrationPlan(calibration, source, calibration_images, accuracy_images, accuracy_loss, seed)
    quantised = any(exporter.quantised for exporter in exporters)
    noisy = random_weights and calibration is None and source is None
    if quantised and not noisy:
        plan.check()
    if not measure_seconds >= 0:
        raise UserError(key="measure_seconds", value=measure_seconds, expected="0 or more")
    trained = fresh(arch, said, fallback, seed) if random_weights else _read(arch, weights, said, fallback)
    images = None if not quantised else noise(trained, seed) if noisy else plan.read(trained)
    place = Path(folder)
    files = [
        export_network(
            trained.network,
            place / f"{_STEM}{exporter.suffix}",
            exporter,
            trained.setting.resolution,
            fold=fold,
            dynamic_size=dynamic_size,
            calibration=images,
            metadata={**_seen(trained), **(metadata or {})},
        )
        for exporter in exporters
    ]
    timings = time_files(trained, exporters, files, measure_seconds) if measure_seconds else {}
    return Export(trained, files, timings, None if images is None else images.origin)


def exporters_of(wanted: object, opset: int | None = None) -> list[Exporter]:
    """Return the exporters of one format, or of several.

    Args:
        wanted: the name of a format, or several.
        opset: version of the ONNX operator set; None: the one that torch writes.

    Raises:
        UserError: it is no format, nor a list of formats, or an opset that no format has.
        MissingExtraError: a package of one is not installed.
    """
    names = [wanted] if isinstance(wanted, str) else wanted
    if not isinstance(names, list | tuple) or not names or not all(isinstance(name, str) for name in names):
        expected = "the name of a format, or a list of names such as '[onnx,torch_export]'"
        raise UserError(key="format", value=wanted, expected=expected)
    with keyed({"name": "format"}):
        exporters = [exporter_named(name, opset) for name in dict.fromkeys(names)]
    if opset is not None and not any(isinstance(exporter, OnnxExporter) for exporter in exporters):
        raise UserError("only ONNX has opsets", key="opset", value=opset, remedy="give {format}=onnx", involves=["format"])
    for exporter in exporters:
        exporter.require()
        if isinstance(exporter, OnnxExporter):
            exporter.check()
    return exporters


def _read(arch: str, weights: str | Path | None, said: Said, fallback: Setting) -> Trained:
    try:
        return read_trained(arch, weights, said, fallback)
    except UserError as error:
        if weights is not None or not _is_architecture(arch):
            raise
        remedy = "to measure its speed alone, random_weights=true exports fresh weights"
        remedy = "; ".join(filter(None, (error.remedy, remedy)))
        raise UserError(error.what, key=error.key, remedy=remedy) from error


def _is_architecture(source: str) -> bool:
    try:
        read_architecture(source)
    except UserError:
        return False
    return True


def fresh(arch: str, said: Said, fallback: Setting, seed: int) -> Trained:
    """Return a network with fresh weights, drawn by a seed."""
    architecture = read_architecture(arch)
    setting = read_setting(arch, *said, fallback=fallback)
    check_image_fits(setting.resolution)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build_network(architecture, setting.num_classes, setting.use_se)
        _settle_norms(network, setting.resolution)
    return Trained(network, setting, f"fresh weights, drawn by seed={seed}")


@torch.no_grad()
def _settle_norms(network: StagedNetwork, resolution: int) -> None:
    """Let batch norms see noise once: with statistics of 0 and 1, signals fade and all images get the same logits."""
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    # Each of another colour: squeeze-and-excitation would find no difference in plain noise, and blow up what little there is.
    channels = network.architecture.in_channels
    colours_bc11 = torch.randn(_SETTLING_BATCH, channels, 1, 1)
    network.train()(torch.randn(_SETTLING_BATCH, channels, resolution, resolution) + colours_bc11)


def _seen(trained: Trained) -> dict[str, str]:
    """Return how images are brought to the network, and its classes, for the file; as far as it is known."""
    if trained.preprocessing is None:
        return {} if trained.crop_size is None else {"crop_size": str(trained.crop_size)}
    return trained.preprocessing.metadata()
