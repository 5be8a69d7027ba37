"""What the system says of a path, told with the key that names it."""

import os
from collections.abc import Iterable
from pathlib import Path

from zen_lightning.errors import UserError, shortened
from zen_lightning.runs.overrides import parse_overrides
from zen_lightning.system.failing_disk import has_failed
from zen_lightning.system.full_disk import no_room
from zen_lightning.system.permission import remedy_of
from zen_lightning.system.unusable import reason_of, unusable_path

_RUNS = "outputs"
"""Where the folders of runs are, unless a command says ``output_dir=``."""


def unusable_value(error: OSError, overrides: Iterable[str]) -> UserError:
    """Return the sentence for a file or folder that the system refuses: too long a name, no permission, a folder as a file.

    Args:
        error: what the system said.
        overrides: of the command line, word for word: the longest value that the path is made of is named with its key.
    """
    room = no_room(error)
    if room is not None:
        return UserError(room.said, remedy=room.remedy)
    typed = {one.key: one.value for one in parse_overrides(overrides)}
    if isinstance(error, BlockingIOError) and hasattr(error, "characters_written"):
        what = "nothing can be printed: the pipe or terminal is full, and was set not to block while this command ran"
        return UserError(what, remedy="write to a file (> FILE), or have it read")
    path = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    about = unusable_path(error, typed)
    if about is None and Path(path).is_relative_to(_RUNS):
        about = unusable_path(error, {"output_dir": path})
    if about is not None:
        return about
    remedy = remedy_of(error, path) if path or has_failed(error) else ""
    return UserError(f"cannot use {shortened(path or 'a file')}: {reason_of(error)}", remedy=remedy)
