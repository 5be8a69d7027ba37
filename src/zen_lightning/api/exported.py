"""Exported files as networks that classify."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from zen_lightning.api.sources import Setting
from zen_lightning.api.trained import NOTHING, Said
from zen_lightning.arch.languages import written_channels
from zen_lightning.data.preprocessing import Preprocessing
from zen_lightning.errors import UserError, first_line, shortened
from zen_lightning.nets.export import EXPORTERS, Exporter
from zen_lightning.nets.export.quietly import quietly
from zen_lightning.nets.image_channels import as_taken
from zen_lightning.system.checksums import check_beside
from zen_lightning.system.memory import check_file_fits, spared_memory
from zen_lightning.system.ordinary_file import holds_file

_WHERE = re.compile(r"Exception from \S+:\d+:?$|Check '.*' failed at \S+:\d+:$|FrontEnd API failed with \w+:$")
"""Lines of OpenVINO about its own sources."""

_SHARE = 0.8
"""Of the free memory, what reading a file or running its network may take: sizes in a file may stand for any. A choice."""


class ExportedNetwork(NamedTuple):
    """An exported file as an evaluation takes it; what it has in common with a trained network is called alike.

    Attributes:
        network: takes images of shape (batch, 3, resolution, resolution) and returns logits, both on the CPU in float32.
        setting: resolution of its images, and its classes.
        origin: the file.
        crop_size: what images are cropped to before they are scaled to the resolution; None: the resolution.
        preprocessing: how images are brought to it, and the names of its classes; None where the file does not say it.
        structure: of the network; None where the file does not say it.
    """

    network: Callable[[Tensor], Tensor]
    setting: Setting
    origin: str
    crop_size: int | None
    preprocessing: Preprocessing | None
    structure: str | None


def exporter_of(path: str | Path) -> Exporter | None:
    """Return the format of a file by its name; None for what is no exported file."""
    suffix = Path(path).suffix.lower()
    return next((exporter() for exporter in EXPORTERS if exporter.suffix == suffix), None)


def read_exported(path: Path, exporter: Exporter) -> tuple[Callable[[Tensor], Tensor], Preprocessing | None, dict[str, str]]:
    """Return what runs an exported file, how its images are prepared where the file says it, and its metadata.

    Args:
        path: the file.
        exporter: its format.

    Raises:
        MissingExtraError: a package of the format is not installed.
        UserError: there is no such file, or it cannot be run; also of what is returned.
    """
    if not path.is_file():
        raise UserError("there is no such file", key="arch", value=path)
    check_file_fits(path, "arch")
    for one in filter(holds_file, (path, *exporter.companions(path))):
        check_beside(one, "export it again", is_for_others=True)
    try:
        for one in (path, *exporter.companions(path)):
            one.open("rb").close()
    except OSError as error:
        raise UserError(f"{error.filename} cannot be read ({error.strerror})", key="arch") from None
    exporter.require()
    try:
        with quietly(), spared_memory(_SHARE):  # PyTorch prints a traceback before it raises.
            run, metadata = exporter.load(path), exporter.read_metadata(path)
            shape = exporter.input_shape(path)
    except Exception as error:  # Each library raises kinds of its own for damaged files.
        reason = _reason(error)
        raise UserError(f"{path}: not a file of format {exporter.name} that can be run ({reason})", key="arch") from error
    channels, batch = written_channels(metadata.get("architecture", "")), None
    if shape is not None and len(shape) == 4:
        batch, channels = shape[0], shape[1] or channels

    def logits(images: Tensor) -> Tensor:
        try:
            with torch.inference_mode(), spared_memory(_SHARE):
                found = _in_batches(run, as_taken(images.cpu(), channels), batch)
            if found.numel():
                return found
            reason = "it returns nothing, perhaps as there is too little memory"  # Of OpenVINO.
        except Exception as error:  # Each library raises kinds of its own.
            reason = _reason(error)
        size = images.shape[-1]
        what = f"{path} cannot classify {_images(len(images))} of {size} pixels ({reason})"
        raise UserError(what, key="resolution", value=size)

    return logits, Preprocessing.read(metadata), metadata


def exported_network(path: Path, exporter: Exporter, said: Said = NOTHING) -> ExportedNetwork:
    """Return an exported file as a network with its resolution and classes: as it says them, or by what it takes and returns.

    Args:
        path: the file, of this project or of another program.
        exporter: its format.
        said: the resolution that is said for it, for a file that takes any; the number of classes is not free.

    Raises:
        MissingExtraError: a package of the format is not installed.
        UserError: there is no such file, it cannot be run, it does not classify images, or nothing says how large they are.
    """
    run, seen, metadata = read_exported(path, exporter)
    resolution = _resolution(path, exporter, metadata, said)
    logits = run(torch.zeros(1, 1, 1, 1).expand(1, 3, resolution, resolution))  # It takes no memory, whatever the file says.
    if logits.ndim != 2 or len(logits) != 1:
        what = f"{path} returns values of shape {tuple(logits.shape)} for an image, and no logits of shape (1, classes)"
        raise UserError(what, key="arch")
    classes = logits.shape[1]
    if said.num_classes is not None and said.num_classes != classes:
        raise UserError(f"{path}: the file has num_classes={classes}, not {said.num_classes}", key="num_classes")
    if seen is not None:
        seen = seen.at(resolution) if len(seen.classes) == classes else None
    crop = None if seen is None else seen.crop_size
    use_se = metadata.get("use_se") == "true"
    return ExportedNetwork(run, Setting(resolution, classes, use_se), str(path), crop, seen, metadata.get("architecture"))


def _resolution(path: Path, exporter: Exporter, metadata: dict[str, str], said: Said) -> int:
    """Return how large the images of a file are."""
    shape = exporter.input_shape(path)
    if shape is not None and len(shape) != 4:
        what = f"{path} takes values of shape {shape}, and no images of shape (batch, channels, height, width)"
        raise UserError(what, key="arch")
    fixed = shape[2] if shape is not None else None
    if fixed is not None and said.resolution not in (None, fixed):
        what, remedy = f"{path} takes images of {fixed} pixels", "leave resolution out, or export it again for this one"
        raise UserError(what, key="resolution", value=said.resolution, remedy=remedy)
    recorded = metadata.get("resolution", "")
    found = said.resolution or fixed or (int(recorded) if recorded.isdecimal() else None)
    if found is None:
        what = f"{path} does not say how large its images are: it was not written by task=export"
        remedy = "give {resolution}=PIXELS; mean, deviation and classes are then those of {dataset}="
        raise UserError(what, key="arch", remedy=remedy, involves=["resolution", "dataset"])
    if found < 1:
        raise UserError(key="resolution", value=found, expected="1 or more")
    return found


def _reason(error: Exception) -> str:
    r"""Return what a library says is wrong; OpenVINO says first where in its sources it was found.

    Example:
        >>> _reason(RuntimeError("Check 'is_ok' failed at src/model.cpp:9:\nStart-end tags mismatch at offset 899\n"))
        'Start-end tags mismatch at offset 899'
    """
    said = [line for line in str(error).splitlines() if line.strip() and not _WHERE.match(line)]
    return shortened(said[0].strip()) if said else first_line(error)


def _images(count: int) -> str:
    return "an image" if count == 1 else f"{count} images"


def _in_batches(run: Callable[[Tensor], Tensor], images: Tensor, batch: int | None) -> Tensor:
    """Return the logits of images by a file that takes a fixed number of them: the last ones are filled up with zeros."""
    if batch is None or len(images) == batch:
        return run(images)
    parts = []
    for part in torch.split(images, batch):
        missing = batch - len(part)
        whole = torch.cat((part, part.new_zeros(missing, *part.shape[1:]))) if missing else part
        parts.append(run(whole)[: len(part)])
    return torch.cat(parts)
