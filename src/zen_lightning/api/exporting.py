"""Trained networks as files that run without this project."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import torch

from zen_lightning.api.sources import FALLBACK, Setting, read_architecture, read_setting
from zen_lightning.api.trained import NOTHING, Said, Trained, read_trained
from zen_lightning.errors import UserError, keyed
from zen_lightning.nets import StagedNetwork, build_network
from zen_lightning.nets.export import Exported, Exporter, OnnxExporter, export_network, exporter_named

_STEM = "model"
_SETTLING_BATCH = 16
"""Images that batch norms see once. A choice: enough for a mean and a variance, and a second on a laptop."""


class Export(NamedTuple):
    """A network, and the files that it was written to.

    Attributes:
        trained: the network with its weights.
        files: what was written, one for each format.
    """

    trained: Trained
    files: list[Exported]


def export(
    arch: str,
    folder: str | Path,
    format: str | Sequence[str] = "onnx",
    *,
    weights: str | Path | None = None,
    fold: bool = True,
    random_weights: bool = False,
    opset: int | None = None,
    seed: int = 0,
    said: Said = NOTHING,
    fallback: Setting = FALLBACK,
    metadata: Mapping[str, str] | None = None,
) -> Export:
    """Write a trained network as ``model.onnx``, ``model.pt2``, or both. A file appears once its logits are those of PyTorch.

    Args:
        arch: the folder of a training, a name of the zoo, or a ``.safetensors`` file; with ``weights`` an architecture.
        folder: where the files go.
        format: ``onnx``, ``torch_export``, or several.
        weights: file of the weights, where ``arch`` does not say.
        fold: whether batch norms become part of the convolutions before them.
        random_weights: whether a structure that nobody has trained gets fresh weights, to measure how fast it runs.
        opset: version of the ONNX operator set, for runtimes that do not read the newest; None: the one that torch writes.
        seed: the seed of fresh weights.
        said: resolution, classes and SE beside what is recorded with the weights.
        fallback: resolution and classes where nothing is said and nothing is recorded.
        metadata: written into the files, beside what the network is.

    Raises:
        MissingExtraError: a package of a format is not installed.
        UserError: ``arch`` has no weights, a format does not exist, or the logits differ.
    """
    exporters = exporters_of(format, opset)
    trained = fresh(arch, said, fallback, seed) if random_weights else _read(arch, weights, said, fallback)
    place = Path(folder)
    return Export(
        trained,
        [
            export_network(
                trained.network,
                place / f"{_STEM}{exporter.suffix}",
                exporter,
                trained.setting.resolution,
                fold=fold,
                metadata={**_seen(trained), **(metadata or {})},
            )
            for exporter in exporters
        ],
    )


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
