"""What may be done about a file or folder that the system refuses."""

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from zen_lightning.errors import UserError
from zen_lightning.system.permission import check_writable, remedy_of

DENIED = PermissionError(errno.EACCES, os.strerror(errno.EACCES))

Rights = Callable[..., None]


@pytest.fixture
def rights(monkeypatch: pytest.MonkeyPatch) -> Rights:
    """Give rights to places, and perhaps another owner to all; permissions do not count for root, so they are made up."""

    def give(may: dict[Path, int], owned: bool = True) -> None:
        every = os.R_OK | os.W_OK | os.X_OK
        monkeypatch.setattr(os, "access", lambda path, mode: mode & may.get(Path(path), every) == mode)
        monkeypatch.setattr(os, "geteuid", lambda: os.getuid() if owned else os.getuid() + 1)

    return give


def test_who_may_not_write(tmp_path: Path, rights: Rights) -> None:
    rights({tmp_path: os.R_OK | os.X_OK}, owned=False)
    told = f"{tmp_path} belongs to {tmp_path.owner()}: choose a folder of your own, or copy it to one"
    assert remedy_of(DENIED, tmp_path / "deep" / "net.txt") == remedy_of(DENIED, tmp_path) == told
    (tmp_path / "net.txt").touch()  # It may be written itself, and not replaced.
    assert remedy_of(DENIED, tmp_path / "net.txt") == told
    with pytest.raises(UserError, match=f"output={tmp_path}/net.txt: {tmp_path}: Permission denied; {told}"):
        check_writable(tmp_path / "net.txt", "output")
    rights({tmp_path: os.R_OK | os.X_OK})
    assert remedy_of(DENIED, tmp_path / "new.txt") == f"make it writable by chmod u+w {tmp_path}"


def test_who_may_not_read(tmp_path: Path, rights: Rights) -> None:
    path = tmp_path / "net.txt"
    path.touch()
    rights({path: os.W_OK}, owned=False)
    assert remedy_of(DENIED, path) == f"{path} belongs to {path.owner()}: ask for the right to read it, or for a copy"
    path = path.rename(tmp_path / "my net;.txt")
    rights({path: os.W_OK})
    assert remedy_of(DENIED, path) == f"make it readable by chmod u+rX '{path}'"


def test_what_has_other_reasons(tmp_path: Path, rights: Rights) -> None:
    rights({})
    assert remedy_of(DENIED, tmp_path) == ""
    assert remedy_of(IsADirectoryError(errno.EISDIR, "Is a directory"), tmp_path) == ""
    check_writable(tmp_path / "net.txt", "output")


@pytest.mark.parametrize("inner", [(), ("run",), ("runs", "one")])
def test_a_link_that_leads_nowhere(tmp_path: Path, inner: tuple[str, ...]) -> None:
    link = tmp_path / "scratch"
    link.symlink_to(tmp_path / "unmounted")
    with pytest.raises(UserError, match=f"{link} is a link to what is not there; make what it leads to"):
        check_writable(link.joinpath(*inner), "output_dir")
