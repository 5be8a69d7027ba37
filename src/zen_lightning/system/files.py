"""Files that are written atomically."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from zen_lightning.system.checksums import beside
from zen_lightning.system.failing_disk import naming
from zen_lightning.system.ordinary_file import require_file


@contextmanager
def atomic_path(path: Path, checksum: bool = False) -> Iterator[Path]:
    """Yield a temporary path to write to; on success the file replaces ``path`` in one step.

    Args:
        path: where to put the file; its folder is created.
        checksum: whether to keep a checksum of it beside it, for those who read it later.

    Raises:
        OSError: there is a device or a pipe: root would put a file in the place of the machine's ``/dev/null``.
    """
    with suppress(FileNotFoundError):
        if not path.is_dir():
            require_file(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=path.suffix)
    except OSError as error:
        raise _about(path, error) from None
    os.close(handle)
    temporary = Path(name)
    try:
        with naming(path):
            yield temporary
            with temporary.open("rb") as file:
                os.fsync(file.fileno())  # Without it, a machine that crashes may leave an empty file under the new name.
        temporary.chmod(0o666 & ~_UMASK)
        if checksum:
            keep(temporary, path)
        temporary.replace(path)
    except OSError as error:
        if error.filename not in (name, temporary):
            raise
        raise _about(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def _about(path: Path, error: OSError) -> OSError:
    """Return an error of the temporary file as one of the file that was meant, whose name means something to a user."""
    return OSError(error.errno, error.strerror, str(path))


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically, in UTF-8. Names of files that are no Unicode are written byte for byte."""
    try:
        content = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # Half of a pair, which is no byte of a name.
        content = text.encode("utf-8", "replace")
    with atomic_path(path) as temporary:
        temporary.write_bytes(content)


def keep(written: Path, path: Path) -> None:
    """Keep the checksum of a file beside it; ``written`` is where it was written to, before it is moved to ``path``.

    Who may write to the folder of the file may write to that of its checksums: several users may share it.
    """
    place, text = beside(written, path)
    with suppress(FileExistsError):
        place.parent.mkdir()
        with suppress(OSError):  # A file system without permissions.
            place.parent.chmod(stat.S_IMODE(path.parent.stat().st_mode))
    write_text(place, text)


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


_UMASK = _umask()
"""The umask of this process, read once: reading it means setting it for a moment, which other threads must not see."""
