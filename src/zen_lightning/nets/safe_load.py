"""Reading files of ``torch.save`` without executing anything in them."""

import re
import zipfile
from os import PathLike
from pathlib import Path
from typing import Any

import torch

from zen_lightning.errors import UserError
from zen_lightning.nets.plain_classes import ALLOWED
from zen_lightning.system.checksums import check_beside
from zen_lightning.system.failing_disk import REMEDY, has_failed, said_of
from zen_lightning.system.memory import check_file_fits
from zen_lightning.system.ordinary_file import holds_file

_STRIP = "torch.save(model.state_dict(), FILE)"


def load_safely(path: str | PathLike[str], map_location: Any = "cpu") -> Any:
    """Return the content of a file: tensors, plain values, and objects of the few classes of plain data that checkpoints have.

    Args:
        path: path of the file.
        map_location: device of the tensors, as for ``torch.load``.

    Raises:
        UserError: there is no such file, it is damaged or not as it was written, or it holds anything else.
    """
    holds_file(Path(path), key="path", remedy="name the file of the weights")
    check_file_fits(Path(path), "path")
    try:
        check_beside(Path(path), "move it away to begin anew")
        _check_stored(Path(path))
        with torch.serialization.safe_globals(ALLOWED):
            return torch.load(path, map_location=map_location, weights_only=True)
    except FileNotFoundError:
        raise UserError(f"{path}: no such checkpoint", key="path") from None
    except UserError:
        raise
    except Exception as error:  # For damaged files torch.load raises a dozen kinds.
        if has_failed(error):
            raise UserError(f"{path} cannot be read ({said_of(error)})", key="path", remedy=REMEDY) from error
        remedy = f"where it was made, save its weights alone: {_STRIP}" if _forbidden(error) else ""
        what = f"{path}: not a checkpoint that can be read safely: {_reason(error)}"
        raise UserError(what, key="path", remedy=remedy) from error


def _check_stored(path: Path) -> None:
    """Raise a UserError where a file has compressed members, as none of ``torch.save`` has: a few MB may hold many GB."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        if any(member.compress_type != zipfile.ZIP_STORED for member in archive.infolist()):
            raise UserError(f"{path}: not a checkpoint that can be read safely: parts of it are compressed", key="path")


def _reason(error: Exception) -> str:
    """Return the reason; the message of torch advises to load the file unsafely, and only that has the name of the class."""
    code = _forbidden(error)
    if code:
        return f"it holds {code}, which is neither a tensor nor a plain value, and nothing of it was executed"
    return "it is damaged, cut short, or a file of another kind"


def _forbidden(error: Exception) -> str:
    """Return the name of what the file holds and may not; empty where it is something else that is wrong."""
    code = re.search(r"GLOBAL ([\w.]+)", str(error))
    return code[1] if code else ""
