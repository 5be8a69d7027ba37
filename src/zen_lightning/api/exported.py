"""Exported files as networks that classify."""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from zen_lightning.arch.languages import written_channels
from zen_lightning.data.preprocessing import Preprocessing
from zen_lightning.errors import UserError, first_line
from zen_lightning.nets.export import EXPORTERS, Exporter
from zen_lightning.nets.image_channels import as_taken


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
        UserError: there is no such file, or it cannot be run.
    """
    if not path.is_file():
        raise UserError("there is no such file", key="arch", value=path)
    exporter.require()
    try:
        run, metadata = exporter.load(path), exporter.read_metadata(path)
    except Exception as error:  # Each library raises kinds of its own for damaged files.
        reason = first_line(error)
        raise UserError(f"{path}: not an {exporter.name} file that can be run ({reason})", key="arch") from error

    channels = written_channels(metadata.get("architecture", ""))

    def logits(images: Tensor) -> Tensor:
        with torch.inference_mode():
            return run(as_taken(images.cpu(), channels))

    return logits, Preprocessing.read(metadata), metadata
