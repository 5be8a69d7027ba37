"""A disk, or the network to one, that fails while a file is read or written."""

import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from zen_lightning.errors import UserError
from zen_lightning.nets.safe_load import load_safely
from zen_lightning.system.files import write_text
from zen_lightning.system.journal import Journal
from zen_lightning.training.checkpoint_io import AtomicCheckpointIO


class Notes(Journal):
    """A journal of anything."""

    mark, name, subject, owner, anew = "notes", "journal of notes", "note", "note is still taken", "Begin another"

    def take(self, record: dict[str, Any]) -> None:
        """Take anything."""


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Have a function of the system fail from now on as it does where a network drive is gone."""

    def fails(*given: Any) -> Any:
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    return lambda name: monkeypatch.setattr(os, name, fails)


def test_a_journal_is_named_that_cannot_be_written(tmp_path: Path, broken: Callable[[str], None]) -> None:
    journal = Notes(tmp_path / "journal.jsonl", {"seed": 1})
    broken("fsync")
    with pytest.raises(OSError, match=r"journal\.jsonl"):
        journal.close()


def test_a_journal_is_named_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Notes(tmp_path / "journal.jsonl", {"seed": 1}).close()

    class Gone(io.BytesIO):
        def read(self, *given: Any) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

        def fileno(self) -> int:
            return 0

    monkeypatch.setattr("builtins.open", lambda *given, **more: Gone())
    monkeypatch.setattr("zen_lightning.system.journal.lock", lambda *given: None)
    with pytest.raises(OSError, match=r"journal\.jsonl"):
        Notes(tmp_path / "journal.jsonl", {"seed": 1})


def test_the_file_that_was_meant_is_named(tmp_path: Path, broken: Callable[[str], None]) -> None:
    broken("fsync")
    with pytest.raises(OSError, match=r"'\S*/result\.json'$"):
        write_text(tmp_path / "result.json", "{}")
    assert list(tmp_path.iterdir()) == []


def test_a_checkpoint_says_it_without_numbers_of_the_system(tmp_path: Path, broken: Callable[[str], None]) -> None:
    broken("fsync")
    with pytest.raises(UserError) as raised:
        AtomicCheckpointIO().save_checkpoint({"a": 1}, tmp_path / "last.ckpt")
    assert "Errno" not in str(raised.value)
    assert os.strerror(errno.ESTALE) in str(raised.value)


def test_a_checkpoint_that_cannot_be_read_is_not_said_to_be_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    AtomicCheckpointIO().save_checkpoint({"a": 1}, tmp_path / "last.ckpt")

    def fails(*given: Any, **more: Any) -> Any:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr("torch.load", fails)
    with pytest.raises(UserError, match=r"last\.ckpt cannot be read \(Input/output error\): the disk"):
        load_safely(tmp_path / "last.ckpt")
