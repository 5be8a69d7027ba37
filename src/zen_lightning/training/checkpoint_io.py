"""Checkpoints that are written atomically, and that execute nothing when they are read."""

import os
import shutil
from pathlib import Path
from typing import Any

import torch
from pytorch_lightning.plugins.io import CheckpointIO

from zen_lightning.errors import UserError
from zen_lightning.nets.safe_load import load_safely
from zen_lightning.runs.command_line import resuming
from zen_lightning.system.failing_disk import said_of
from zen_lightning.system.files import atomic_path
from zen_lightning.system.full_disk import no_room
from zen_lightning.training.writer import BackgroundWriter, on_cpu

KEPT = "kept"
"""Storage option of a checkpoint: the path of another file that holds the same and stays when this one is replaced."""


class AtomicCheckpointIO(CheckpointIO):
    """Writes a checkpoint beside its place, and moves it there once it is on the disk; reads with ``weights_only=True``."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Write a checkpoint.

        Args:
            checkpoint: its content.
            path: of the file.
            storage_options: may have :data:`KEPT`. That file appears first: a training that is killed between the two is
                continued from the checkpoint before, and writes both again.

        Raises:
            UserError: it cannot be written; an earlier checkpoint is unchanged.
        """
        place = Path(path)
        first = Path((storage_options or {}).get(KEPT, place))
        try:
            with atomic_path(first, checksum=True) as temporary, temporary.open("wb") as file:
                torch.save(checkpoint, file)
            if first != place:
                with atomic_path(place, checksum=True) as temporary:
                    _same_file(first, temporary)
        except (OSError, RuntimeError) as error:  # torch wraps what the disk says, at times.
            kept = f"the checkpoint before it is kept, and {resuming(place.parent.parent)} continues from it"
            room = no_room(error)
            remedy = "; ".join(([] if room is None else [room.remedy]) + [kept] * place.exists())
            raise UserError(f"cannot save {first} ({_reason(error)})", remedy=remedy) from error

    def load_checkpoint(self, path: Any, map_location: Any = None, weights_only: bool | None = None) -> dict[str, Any]:
        """Read a checkpoint; errors as for :func:`read_checkpoint`."""
        return read_checkpoint(Path(path), map_location)

    def remove_checkpoint(self, path: Any) -> None:
        """Remove a checkpoint."""
        Path(path).unlink(missing_ok=True)


class BackgroundCheckpointIO(AtomicCheckpointIO):
    """Copies a checkpoint to the CPU and writes the copy in a thread, so that training goes on meanwhile.

    A checkpoint holds the state of the moment it was asked for. The end of the run waits for the writer; an error of the writer
    is raised at the next checkpoint, or at the end.

    Attributes:
        writer: takes other files too, which appear in the order in which they were handed over.
    """

    def __init__(self) -> None:
        self.writer = BackgroundWriter()

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Hand a copy to the writer.

        Raises:
            UserError: an earlier checkpoint could not be written.
        """
        self.writer.check()
        kept = on_cpu(checkpoint)
        self.writer.submit(lambda: AtomicCheckpointIO.save_checkpoint(self, kept, path, storage_options))

    def teardown(self) -> None:
        """Wait for the writer.

        Raises:
            UserError: a checkpoint could not be written.
        """
        self.writer.close()


def read_checkpoint(path: Path, map_location: Any = None) -> dict[str, Any]:
    """Return the content of a checkpoint, on the CPU unless told otherwise. Nothing in it is executed.

    Raises:
        UserError: there is none, it is not as it was written, or it cannot be read safely.
    """
    content = load_safely(path, map_location or "cpu")
    if not isinstance(content, dict):
        raise UserError(f"{path}: not a checkpoint of a training")
    return content


def _same_file(first: Path, second: Path) -> None:
    """Give a file a second name, in the place of what is there; copy it where the disk cannot do that."""
    second.unlink()
    try:
        os.link(first, second)
    except OSError:
        shutil.copyfile(first, second)


def _reason(error: BaseException) -> str:
    room = no_room(error)
    return said_of(error) if room is None else room.said
