"""Commands as text: as a user types them, and paths as Hydra reads them."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from zen_lightning.runs.overrides import word


def command_line(overrides: Sequence[str]) -> str:
    """Return a command as a user types it.

    Example:
        >>> print(command_line(["task=train", "arch=my net.txt", "start='A(3,8)'"]))
        python run.py task=train 'arch=my net.txt' "start='A(3,8)'"
    """
    return f"python run.py {' '.join(map(_shell_quoted, overrides))}"


def override_path(path: Path | str) -> str:
    r"""Return a path as Hydra reads it in an override.

    Example:
        >>> override_path("runs/one"), override_path("runs/it's, one")
        ('runs/one', "'runs/it\\'s, one'")
    """
    return word(str(path))


def _shell_quoted(text: str) -> str:
    """Return a word for a shell; one with single quotes in it stays readable."""
    return f'"{text}"' if "'" in text and not set(text) & set('"$`\\!') else shlex.quote(text)
