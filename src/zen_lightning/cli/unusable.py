"""What the system says of a path, told with the key that names it."""

import os
from collections.abc import Iterable

from zen_lightning.errors import UserError, shortened
from zen_lightning.runs.overrides import parse_overrides

_SHORTEST = 3
"""Characters of a value that is looked for in a path. A choice: shorter ones, such as numbers, occur in any."""

_LONGEST = 1000
"""Characters of a path that is told beside the value. A choice: more help nobody."""


def unusable_path(error: OSError, overrides: Iterable[str]) -> UserError:
    """Return the sentence for a file or folder that the system refuses: too long a name, no permission, a folder as a file.

    Args:
        error: what the system said.
        overrides: of the command line, word for word: the longest value that the path is made of is named with its key.
    """
    path, reason = str(error.filename or ""), error.strerror or str(error)
    meant = [one for one in parse_overrides(overrides) if len(one.value) >= _SHORTEST and _names(one.value, path)]
    if not meant:
        return UserError(f"cannot use {shortened(path or 'a file')}: {reason}")
    one = max(meant, key=lambda one: len(one.text))
    what = reason if path == one.value or len(path) > _LONGEST else f"{path}: {reason}"
    return UserError(what, key=one.key, value=shortened(one.value))


def _names(value: str, path: str) -> bool:
    """Whether a path is that of a value, below it, or a file of that name with an ending."""
    before, found, after = path.rpartition(os.path.normpath(os.path.expanduser(value)))
    return bool(found) and before[-1:] in ("", os.sep) and after[:1] in ("", os.sep, ".")
