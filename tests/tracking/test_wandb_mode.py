"""Weights & Biases without a key, and on a full disk."""

import os
from pathlib import Path

import pytest

from zen_lightning.tracking.wandb_mode import check_written, needs_offline, own_folders

SERVER = "https://wandb.example.org"


@pytest.mark.parametrize(
    ("environ", "machine", "offline"),
    [
        ({}, "", True),
        ({"WANDB_MODE": "online"}, "", True),
        ({"WANDB_MODE": "offline"}, "", False),
        ({"WANDB_MODE": "disabled"}, "", False),
        ({"WANDB_API_KEY": "key"}, "", False),
        ({}, "wandb.example.org", False),
        ({}, "api.wandb.ai", False),
        ({}, "other.example.org", True),
    ],
)
def test_without_a_key_it_is_offline(environ: dict[str, str], machine: str, offline: bool, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text(f"machine {machine} login user password key\n" if machine else "")
    assert needs_offline({**environ, "NETRC": str(tmp_path / "netrc")}, SERVER) == offline


def test_what_the_environment_says_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_CACHE_DIR", "/mine")
    monkeypatch.delenv("WANDB_DATA_DIR", raising=False)
    with own_folders(tmp_path):
        assert (os.environ["WANDB_DATA_DIR"], os.environ["WANDB_CACHE_DIR"]) == (str(tmp_path / "data"), "/mine")
    assert "WANDB_DATA_DIR" not in os.environ
    assert os.environ["WANDB_CACHE_DIR"] == "/mine"


def test_a_disk_that_was_full(tmp_path: Path) -> None:
    check_written(tmp_path)
    (tmp_path / "logs").mkdir()
    log = tmp_path / "logs" / "debug-internal.log"
    log.write_text('{"level":"INFO","msg":"stream: finished"}\n')
    check_written(tmp_path)
    log.write_text('{"level":"ERROR","msg":"writer: failed to save record: write run.wandb: no space left on device"}\n')
    with pytest.raises(OSError, match="No space left on device"):
        check_written(tmp_path)
