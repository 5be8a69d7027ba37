"""Export of networks to files of other formats, checked before they appear."""

import copy
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from zen_lightning.errors import UserError, first_line
from zen_lightning.nets.export.calibration import Accuracy, Calibration
from zen_lightning.nets.export.checking import check_file, expect
from zen_lightning.nets.export.exporter import Exporter
from zen_lightning.nets.export.metadata import describe
from zen_lightning.nets.export.quietly import quietly
from zen_lightning.nets.folding import fold_batch_norms, unfolded_norms
from zen_lightning.nets.image_channels import image_channels
from zen_lightning.system.files import atomic_path, keep

TOLERANCE = 1e-4
"""Largest relative difference of logits. A choice: far above the rounding of one float32 operation, 6e-8, and far below the
effect of a wrong operator."""

_BATCH_SIZES = (1, 2, 3)
"""Batches that the file is run on. A choice: the traced size, one below it and one above."""

_OTHER_SIZES = ((1.5, 1.25), (2.0, 2.0))
"""Height and width, as multiples of the resolution, that a file for images of any size is run on as well. A choice: not square,
and the size that most people try next."""

_TRACED_BATCH = 2
"""Images of the batch that is traced: torch specialises a batch of one as a constant."""


@dataclass(frozen=True)
class Exported:
    """An exported file.

    Attributes:
        format: name of the exporter.
        path: path of the file.
        size: size in bytes, of its companions as well.
        sha256: checksum of the file.
        difference: largest difference between its logits and those of PyTorch.
        relative_difference: the same, divided by the largest logit.
        rounding: difference of PyTorch's float32 and float64 logits, divided by the largest.
        unfolded: names of the batch norms that were not folded.
        facts: facts of the format: ``opset`` for ONNX.
        companions: checksums of the files that belong beside it, by name.
        accuracy: what quantisation loses, for formats in int8.
    """

    format: str
    path: Path
    size: int
    sha256: str
    difference: float
    relative_difference: float
    rounding: float
    unfolded: list[str]
    facts: dict[str, Any]
    companions: dict[str, str]
    accuracy: Accuracy | None = None


def export_network(
    network: nn.Module,
    path: str | PathLike[str],
    exporter: Exporter,
    resolution: int,
    *,
    fold: bool = True,
    dynamic_batch: bool = True,
    dynamic_size: bool = False,
    tolerance: float = TOLERANCE,
    calibration: Calibration | None = None,
    metadata: Mapping[str, str] | None = None,
) -> Exported:
    """Write a network as a file of another format.

    Before it gets its name, the file is run on random normal images in batches of several sizes. If its logits are not those of
    the network as given, unfolded and in eval mode, nothing is written and an earlier file stays. Some deep networks, above all
    with random weights, amplify rounding: where float32 and float64 in PyTorch differ by more than a quarter of the tolerance,
    four times that difference is allowed. A quantised file is run on the images that its calibration holds out instead; nothing
    is written if it loses more accuracy than the calibration allows.

    Args:
        network: a network that takes images; it is not changed. It is exported in float32, or quantised from that.
        path: path of the file; its folder is created.
        exporter: the format.
        resolution: height and width of the images, which the file fixes.
        fold: whether to fold batch norms into the convolutions.
        dynamic_batch: whether the file takes any number of images at a time; otherwise it takes one.
        dynamic_size: whether the file takes images of any height and width, where the network allows it.
        tolerance: largest difference of logits, relative to the largest logit.
        calibration: images for a quantised format; others need none.
        metadata: texts for the file, in addition to its architecture, classes and resolution.

    Raises:
        UserError: the network cannot be exported, its logits are not finite, the logits of the file differ, int8 loses too
            much, there is no calibration for a quantised format, or the file cannot be written.
        MissingExtraError: a package of the format is not installed.

    Example:
        >>> import tempfile
        >>> from zen_lightning.arch import Architecture
        >>> from zen_lightning.nets.build import build_network
        >>> from zen_lightning.nets.export.torch_exporter import TorchExporter
        >>> network = build_network(Architecture.parse("SuperConvK3BNRELU(3,8,2,1)"), num_classes=10)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     exported = export_network(network, f"{folder}/model.pt2", TorchExporter(), resolution=32)
        ...     torch.export.load(exported.path).module()(torch.zeros(5, 3, 32, 32)).shape
        torch.Size([5, 10])
    """
    exporter.require()
    if resolution < 1:
        raise UserError(key="resolution", value=resolution, expected="1 or more")
    calibration = _calibrated(exporter, calibration)
    reference = copy.deepcopy(network).to(device="cpu", dtype=torch.float32).eval()
    prepared = fold_batch_norms(reference) if fold else reference
    channels = image_channels(network)
    shapes = [(size, resolution, resolution) for size in (_BATCH_SIZES if dynamic_batch else (1,))]
    if dynamic_size:
        others = [(1, round(resolution * high), round(resolution * wide)) for high, wide in _OTHER_SIZES]
        _check_sizes(reference, _random_batches(channels, others))
        shapes += others
    expected = expect(reference, _random_batches(channels, shapes))
    texts = {**describe(network, resolution, expected.logits[0].shape[-1]), **(metadata or {})}
    target = Path(path)
    with quietly():
        program = _convert(exporter, prepared, channels, resolution, dynamic_batch, dynamic_size)
        try:
            with atomic_path(target, checksum=True) as temporary:
                try:
                    exporter.save(program, temporary, texts)
                    checked = check_file(exporter, temporary, target, expected, tolerance, calibration)
                    content = temporary.read_bytes()
                    companions = _place_companions(exporter, temporary, target)
                finally:
                    for left in exporter.companions(temporary):
                        left.unlink(missing_ok=True)
        except OSError as error:
            raise UserError(f"{target}: cannot be written ({error.strerror or error})", key="path") from error
    return Exported(
        format=exporter.name,
        path=target,
        size=len(content) + sum(size for size, _ in companions.values()),
        sha256=hashlib.sha256(content).hexdigest(),
        difference=checked.difference,
        relative_difference=checked.relative_difference,
        rounding=expected.rounding,
        unfolded=unfolded_norms(prepared),
        facts=exporter.facts(program),
        companions={name: digest for name, (_, digest) in companions.items()},
        accuracy=checked.accuracy,
    )


def _calibrated(exporter: Exporter, calibration: Calibration | None) -> Calibration | None:
    """Give a quantised format its images; return them, None for the others.

    Raises:
        UserError: a quantised format has none.
    """
    if not exporter.quantised:
        return None
    if calibration is None or not calibration.batches or not calibration.held_out:
        what = f"{exporter.name} needs images: some to take the ranges of activations from, others to measure the accuracy on"
        raise UserError(what, key="calibration", remedy="name a folder of images, or a dataset")
    exporter.calibration = calibration.batches
    return calibration


@torch.no_grad()
def _check_sizes(network: nn.Module, batches: list[Tensor]) -> None:
    """Raise a UserError where the network itself takes images of one size alone."""
    try:
        for images in batches:
            network(images)
    except Exception as error:  # A module may raise anything for a shape that it does not take.
        what = f"the {type(network).__name__} cannot take images of another size ({first_line(error)})"
        raise UserError(what, key="dynamic_size", remedy="leave {dynamic_size} out") from error


def _random_batches(channels: int, shapes: list[tuple[int, int, int]]) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(size, channels, height, width, generator=generator) for size, height, width in shapes]


def _convert(
    exporter: Exporter, network: nn.Module, channels: int, resolution: int, dynamic_batch: bool, dynamic_size: bool
) -> Any:
    (images,) = _random_batches(channels, [(_TRACED_BATCH if dynamic_batch else 1, resolution, resolution)])
    try:
        return exporter.convert(network, images, dynamic_batch, dynamic_size)
    except UserError:
        raise
    except Exception as error:  # The exporters of torch raise a dozen kinds for what they cannot trace.
        free = " for images of any size" if dynamic_size else ""
        what = f"the {type(network).__name__} cannot be exported as {exporter.name}{free}: {first_line(error)}"
        raise UserError(what, key="network") from error


def _place_companions(exporter: Exporter, temporary: Path, target: Path) -> dict[str, tuple[int, str]]:
    """Move the files beside the one that is opened to their places, before it; return size and checksum of each by name."""
    written, wanted = exporter.companions(temporary), exporter.companions(target)
    found = {}
    if wanted:
        target.unlink(missing_ok=True)  # A kill between two steps leaves no file, and none that belongs to other weights.
    for here, there in zip(written, wanted, strict=True):
        with here.open("rb") as file:
            os.fsync(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        found[there.name] = (here.stat().st_size, digest)
        keep(here, there)
        here.replace(there)
    return found
