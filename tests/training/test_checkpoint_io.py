"""Checkpoints that appear whole or not at all."""

import errno
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch

from zen_lightning.errors import UserError
from zen_lightning.training.checkpoint_io import AtomicCheckpointIO, read_checkpoint


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sub" / "last.ckpt"
    AtomicCheckpointIO().save_checkpoint({"state": torch.arange(3)}, path)
    assert torch.equal(AtomicCheckpointIO().load_checkpoint(path)["state"], torch.arange(3))
    assert sorted(os.listdir(path.parent)) == [".sha256", "last.ckpt"]
    AtomicCheckpointIO().remove_checkpoint(path)
    assert not path.exists()


class _FullDisk:
    """A file on a disk that is full after some bytes."""

    def __init__(self, file: Any) -> None:
        self._file, self._left = file, 1000

    def write(self, data: Any) -> int:
        self._left -= len(data)
        if self._left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return int(self._file.write(data))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "_FullDisk":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def test_a_full_disk_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "checkpoints" / "last.ckpt"
    AtomicCheckpointIO().save_checkpoint({"state": torch.zeros(1)}, path)
    real = Path.open
    monkeypatch.setattr(Path, "open", lambda self, *a, **k: _FullDisk(real(self, *a, **k)))
    with pytest.raises(
        UserError, match=r"cannot save .*last\.ckpt \(the disk is full\): make room; the checkpoint before it is kept"
    ) as caught:
        AtomicCheckpointIO().save_checkpoint({"state": torch.randn(10_000)}, path)
    assert f"resume={tmp_path} continues from it" in str(caught.value)
    monkeypatch.undo()
    assert sorted(os.listdir(path.parent)) == [".sha256", "last.ckpt"]
    assert torch.equal(read_checkpoint(path)["state"], torch.zeros(1))


class _Malice:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch /tmp/zen-lightning-was-here",)


def test_files_that_cannot_be_read_safely(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such checkpoint"):
        read_checkpoint(tmp_path / "none.ckpt")
    malicious, cut, other = tmp_path / "malicious.ckpt", tmp_path / "cut.ckpt", tmp_path / "other.ckpt"
    malicious.write_bytes(pickle.dumps(_Malice()))
    torch.save({"state": torch.randn(1000)}, cut)
    cut.write_bytes(cut.read_bytes()[:2000])
    torch.save(torch.zeros(1), other)
    for path in (malicious, cut):
        with pytest.raises(UserError, match="not a checkpoint that can be read safely"):
            read_checkpoint(path)
    assert not Path("/tmp/zen-lightning-was-here").exists()
    with pytest.raises(UserError, match="not a checkpoint of a training"):
        read_checkpoint(other)


def test_damage_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "checkpoints" / "last.ckpt"
    AtomicCheckpointIO().save_checkpoint({"state": torch.arange(300.0)}, path)
    sound = path.read_bytes()
    for at in range(0, len(sound), 97):
        damaged = bytearray(sound)
        damaged[at] ^= 4
        path.write_bytes(damaged)
        with pytest.raises(UserError, match=r"last\.ckpt is damaged: it is not as it was written"):
            read_checkpoint(path)
    (path.parent / ".sha256" / "last.ckpt").unlink()
    path.write_bytes(sound)
    assert torch.equal(read_checkpoint(path)["state"], torch.arange(300.0))  # Of an earlier release.
