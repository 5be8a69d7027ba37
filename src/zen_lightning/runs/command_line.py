"""Commands as text: as a user types them, and paths as Hydra reads them."""

import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from zen_lightning.runs.overrides import word
from zen_lightning.system.conf_dir import conf_dir
from zen_lightning.system.short_path import short_path

_INSTALLED = "zen-lightning"
_CHECKOUT = "run.py"
_NETWORKS = ("arch", "start", "teacher.arch")
_QUOTED_STRUCTURE = re.compile(r"'((?:[A-Za-z]\w*\([\w,]+\))+)'")
"""A row of super-blocks: of these keys the command line reads it as it stands."""

_QUOTED_PATH = re.compile(r"'([\w./-]*/[\w./-]*)'")
"""A path with a slash is read as text without quotes, too: it cannot be a number."""


def program() -> str:
    """Return what a command line begins with: ``python run.py`` in a checkout, ``zen-lightning`` for the installed command.

    Example:
        >>> program() in ("python run.py", "zen-lightning")
        True
    """
    called = Path(sys.argv[0]).name.removesuffix(".exe")
    if called not in (_INSTALLED, _CHECKOUT):  # Another program, such as a notebook: whatever is there.
        called = _CHECKOUT if (conf_dir().parent / _CHECKOUT).is_file() else _INSTALLED
    return f"python {_CHECKOUT}" if called == _CHECKOUT else _INSTALLED


def command_line(overrides: Sequence[str]) -> str:
    """Return a command as a user types it.

    Example:
        >>> print(command_line(["task=train", "arch=my net.txt", "start='A(3,8)'"]).removeprefix(program()))
         task=train 'arch=my net.txt' 'start=A(3,8)'
    """
    return f"{program()} {' '.join(map(_shell_quoted, overrides))}"


def override_path(path: Path | str) -> str:
    r"""Return a path as Hydra reads it in an override.

    Example:
        >>> override_path("runs/one"), override_path("runs/it's, one")
        ('runs/one', "'runs/it\\'s, one'")
    """
    return word(str(path))


def resuming(folder: Path) -> str:
    r"""Return the word that continues a run, as a user types it.

    Example:
        >>> resuming(Path("runs/one")), resuming(Path("runs/a, b"))
        ('resume=runs/one', '"resume=\'runs/a, b\'"')
    """
    return _shell_quoted(resume_override(folder))


def resume_override(folder: Path) -> str:
    """Return the override that continues a run: :func:`command_line` quotes it for a shell."""
    return f"resume={override_path(short_path(folder))}"


def as_typed_by_hand(override: str) -> str:
    """Return an override without the quotes of Hydra's grammar where the command line needs none: of structures and paths.

    Example:
        >>> print(as_typed_by_hand("arch='A(3,8)B(8,16)'"), as_typed_by_hand("images='/data/my_photos'"))
        arch=A(3,8)B(8,16) images=/data/my_photos
        >>> print(as_typed_by_hand("arch=['A(3,8)',net.txt]"), as_typed_by_hand("run='one, two'"))
        arch=[A(3,8),net.txt] run='one, two'
    """
    key, equals, value = override.partition("=")
    if key in _NETWORKS:
        value = _QUOTED_STRUCTURE.sub(r"\1", value)
    return key + equals + _QUOTED_PATH.sub(r"\1", value)


def _shell_quoted(override: str) -> str:
    """Return a word for a shell; one with single quotes in it stays readable."""
    text = as_typed_by_hand(override)
    return f'"{text}"' if "'" in text and not set(text) & set('"$`\\!') else shlex.quote(text)
