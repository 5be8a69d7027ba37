"""Export of networks to files of other formats, checked before they appear."""

import copy
import hashlib
import io
import logging
import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from zen_lightning.errors import UserError, first_line
from zen_lightning.nets.export.exporter import Exporter
from zen_lightning.nets.export.metadata import describe
from zen_lightning.nets.folding import fold_batch_norms, unfolded_norms
from zen_lightning.nets.image_channels import image_channels
from zen_lightning.system.files import atomic_path

TOLERANCE = 1e-4
"""Largest relative difference of logits. A choice: far above the rounding of one float32 operation, 6e-8, and far below the
effect of a wrong operator."""

_BATCH_SIZES = (1, 2, 3)
"""Batches that the file is run on. A choice: the traced size, one below it and one above."""

_MARGIN = 4
"""Times the rounding that logits may differ by. A choice: two float32 results differ by up to twice the rounding of one, and
six images do not show the worst case."""

_LARGEST_ROUNDING = 0.1
"""The most that rounding excuses. A choice: beyond a tenth of the largest logit the answers themselves may differ."""

_TRACED_BATCH = 2
"""Images of the batch that is traced: torch specialises a batch of one as a constant."""


@dataclass(frozen=True)
class Exported:
    """An exported file.

    Attributes:
        format: name of the exporter.
        path: path of the file.
        size: size in bytes.
        sha256: checksum of the file.
        difference: largest difference between its logits and those of PyTorch.
        relative_difference: the same, divided by the largest logit.
        rounding: difference of PyTorch's float32 and float64 logits, divided by the largest.
        unfolded: names of the batch norms that were not folded.
        facts: facts of the format: ``opset`` for ONNX.
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


def export_network(
    network: nn.Module,
    path: str | PathLike[str],
    exporter: Exporter,
    resolution: int,
    *,
    fold: bool = True,
    dynamic_batch: bool = True,
    tolerance: float = TOLERANCE,
    metadata: Mapping[str, str] | None = None,
) -> Exported:
    """Write a network as a file of another format.

    Before it gets its name, the file is run on random normal images in batches of several sizes. If its logits are not those of
    the network as given, unfolded and in eval mode, nothing is written and an earlier file stays. Some deep networks, above all
    with random weights, amplify rounding: where float32 and float64 in PyTorch differ by more than a quarter of the tolerance,
    four times that difference is allowed.

    Args:
        network: a network that takes images; it is not changed. It is exported in float32.
        path: path of the file; its folder is created.
        exporter: the format.
        resolution: height and width of the images, which the file fixes.
        fold: whether to fold batch norms into the convolutions.
        dynamic_batch: whether the file takes any number of images at a time; otherwise it takes one.
        tolerance: largest difference of logits, relative to the largest logit.
        metadata: texts for the file, in addition to its architecture, classes and resolution.

    Raises:
        UserError: the network cannot be exported, its logits are not finite, the logits of the file differ, or the file cannot
            be written.
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
    reference = copy.deepcopy(network).to(device="cpu", dtype=torch.float32).eval()
    prepared = fold_batch_norms(reference) if fold else reference
    batches = _random_batches(image_channels(network), resolution, _BATCH_SIZES if dynamic_batch else (1,))
    expected = _logits(reference, batches)
    rounding = _rounding(reference, batches, expected)
    allowed = max(tolerance, min(_MARGIN * rounding, _LARGEST_ROUNDING))
    texts = {**describe(network, resolution, expected[0].shape[-1]), **(metadata or {})}
    target = Path(path)
    with _quietly():
        program = _convert(exporter, prepared, resolution, dynamic_batch)
        try:
            with atomic_path(target) as temporary:
                exporter.save(program, temporary, texts)
                difference, relative = _check(exporter, temporary, batches, expected)
                if not relative <= allowed:
                    raise UserError(
                        f"{target}: nothing was written, since the logits of the {exporter.name} file differ by up to "
                        f"{difference:.3g} from those of PyTorch ({relative:.3g} of the largest; {allowed:.3g} is allowed)",
                        key="tolerance",
                    )
                content = temporary.read_bytes()
        except OSError as error:
            raise UserError(f"{target}: cannot be written ({error.strerror or error})", key="path") from error
    return Exported(
        format=exporter.name,
        path=target,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        difference=difference,
        relative_difference=relative,
        rounding=rounding,
        unfolded=unfolded_norms(prepared),
        facts=exporter.facts(program),
    )


def _random_batches(channels: int, resolution: int, sizes: tuple[int, ...]) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(size, channels, resolution, resolution, generator=generator) for size in sizes]


@torch.no_grad()
def _logits(network: nn.Module, batches: list[Tensor]) -> list[Tensor]:
    logits = [network(images) for images in batches]
    if not all(batch.isfinite().all() for batch in logits):
        raise UserError(
            f"the {type(network).__name__} gives logits that are not finite: its weights cannot be exported", key="network"
        )
    return logits


def _convert(exporter: Exporter, network: nn.Module, resolution: int, dynamic_batch: bool) -> Any:
    (images,) = _random_batches(image_channels(network), resolution, (_TRACED_BATCH if dynamic_batch else 1,))
    try:
        return exporter.convert(network, images, dynamic_batch)
    except UserError:
        raise
    except Exception as error:  # The exporters of torch raise a dozen kinds for what they cannot trace.
        what = f"the {type(network).__name__} cannot be exported as {exporter.name}: {first_line(error)}"
        raise UserError(what, key="network") from error


@torch.no_grad()
def _check(exporter: Exporter, path: Path, batches: list[Tensor], expected: list[Tensor]) -> tuple[float, float]:
    """Return the largest difference, and that over the largest logit: nan for logits that are nan, inf for another shape."""
    try:
        run = exporter.load(path)
        logits = [run(images) for images in batches]
    except Exception as error:  # Each library raises kinds of its own.
        raise UserError(f"the {exporter.name} file cannot be run again, so it is not written: {first_line(error)}") from error
    if any(mine.shape != theirs.shape for mine, theirs in zip(logits, expected, strict=True)):
        return math.inf, math.inf
    return _differences(logits, expected)


@torch.no_grad()
def _rounding(network: nn.Module, batches: list[Tensor], logits: list[Tensor]) -> float:
    exact = copy.deepcopy(network).double()
    return _differences(logits, [exact(images.double()) for images in batches])[1]


def _differences(logits: list[Tensor], expected: list[Tensor]) -> tuple[float, float]:
    mine, theirs = torch.cat(logits), torch.cat(expected)
    difference = (mine - theirs).abs().max().item()
    return difference, difference / max(theirs.abs().max().item(), torch.finfo(torch.float32).tiny)


@contextmanager
def _quietly() -> Iterator[None]:
    """Silence the prints, warnings and logs of the exporters of torch."""
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
