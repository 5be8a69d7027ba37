"""What the system says of a path, told with the key that names it."""

from collections.abc import Iterable

from zen_lightning.errors import UserError, shortened
from zen_lightning.runs.overrides import parse_overrides
from zen_lightning.system.full_disk import no_room
from zen_lightning.system.unusable import unusable_path


def unusable_value(error: OSError, overrides: Iterable[str]) -> UserError:
    """Return the sentence for a file or folder that the system refuses: too long a name, no permission, a folder as a file.

    Args:
        error: what the system said.
        overrides: of the command line, word for word: the longest value that the path is made of is named with its key.
    """
    room = no_room(error)
    if room is not None:
        return UserError(room.said, remedy=room.remedy)
    about = unusable_path(error, {one.key: one.value for one in parse_overrides(overrides)})
    return about or UserError(f"cannot use {shortened(str(error.filename or 'a file'))}: {error.strerror or error}")
