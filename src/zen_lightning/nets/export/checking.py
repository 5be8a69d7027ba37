"""Whether an exported file computes what the network does."""

import copy
import math
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from zen_lightning.errors import UserError, first_line
from zen_lightning.nets.export.calibration import Accuracy, Calibration, measure_accuracy
from zen_lightning.nets.export.exporter import Exporter

_MARGIN = 4
"""Times the rounding that logits may differ by. A choice: two float32 results differ by up to twice the rounding of one, and
six images do not show the worst case."""

_LARGEST_ROUNDING = 0.1
"""The most that rounding excuses. A choice: beyond a tenth of the largest logit the answers themselves may differ."""


@dataclass(frozen=True)
class Expected:
    """Images, and the logits that PyTorch has for them.

    Attributes:
        network: in eval mode, on the CPU, in float32.
        batches: images; of several sizes where the file takes several.
        logits: of each batch.
        rounding: the difference of PyTorch's float32 and float64 logits, divided by the largest.
    """

    network: nn.Module
    batches: list[Tensor]
    logits: list[Tensor]
    rounding: float

    def allowed(self, tolerance: float) -> float:
        """The largest relative difference that is accepted."""
        return max(tolerance, min(_MARGIN * self.rounding, _LARGEST_ROUNDING))


@torch.no_grad()
def expect(network: nn.Module, batches: list[Tensor]) -> Expected:
    """Return what PyTorch says of images.

    Raises:
        UserError: the logits are not finite.
    """
    logits = [network(images) for images in batches]
    if not all(batch.isfinite().all() for batch in logits):
        raise UserError(
            f"the {type(network).__name__} gives logits that are not finite: its weights cannot be exported", key="network"
        )
    exact = copy.deepcopy(network).double()
    rounding = _differences(logits, [exact(images.double()) for images in batches])[1]
    return Expected(network, batches, logits, rounding)


@dataclass(frozen=True)
class Checked:
    """What a check found.

    Attributes:
        difference: the largest difference of logits.
        relative_difference: the same, divided by the largest logit.
        accuracy: what quantisation loses; None for formats in float32.
    """

    difference: float
    relative_difference: float
    accuracy: Accuracy | None = None


def check_file(
    exporter: Exporter, path: Path, target: Path, expected: Expected, tolerance: float, calibration: Calibration | None
) -> Checked:
    """Run a file, and compare it with PyTorch: logits in float32, the accuracy for a quantised format.

    Args:
        exporter: the format.
        path: where the file is now.
        target: its path once it is accepted, for the error.
        expected: what PyTorch says.
        tolerance: see :func:`~zen_lightning.nets.export.export.export_network`.
        calibration: images for a quantised format.

    Raises:
        UserError: the file cannot be run, or says something else than PyTorch.
    """
    try:
        run = exporter.load(path)
        logits = [run(images) for images in expected.batches]
        accuracy = None if calibration is None else measure_accuracy(expected.network, run, calibration)
    except Exception as error:  # Each library raises kinds of its own.
        raise UserError(f"the {exporter.name} file cannot be run again, so it is not written: {first_line(error)}") from error
    same_shapes = all(mine.shape == theirs.shape for mine, theirs in zip(logits, expected.logits, strict=True))
    difference, relative = _differences(logits, expected.logits) if same_shapes else (math.inf, math.inf)
    if calibration is not None and accuracy is not None and math.isfinite(difference):
        if not accuracy.within(calibration.allowed_loss):
            raise UserError(
                f"{target}: nothing was written, since {accuracy}, and {calibration.allowed_loss:g} points are allowed",
                key="accuracy_loss",
                remedy="give more {calibration_images}, or images like those that it will see by {calibration}; or allow more",
                involves=["calibration", "calibration_images"],
            )
        return Checked(accuracy.difference, accuracy.relative_difference, accuracy)
    allowed = expected.allowed(tolerance)
    if not relative <= allowed:
        raise UserError(
            f"{target}: nothing was written, since the logits of the {exporter.name} file differ by up to "
            f"{difference:.3g} from those of PyTorch ({relative:.3g} of the largest; {allowed:.3g} is allowed)",
            key="tolerance",
        )
    return Checked(difference, relative)


def _differences(logits: list[Tensor], expected: list[Tensor]) -> tuple[float, float]:
    """Return the largest difference, and that over the largest logit: nan for logits that are nan."""
    mine, theirs = torch.cat(logits), torch.cat(expected)
    difference = (mine - theirs).abs().max().item()
    return difference, difference / max(theirs.abs().max().item(), torch.finfo(torch.float32).tiny)
