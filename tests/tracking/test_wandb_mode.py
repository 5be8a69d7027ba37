"""Weights & Biases without a key, and on a full disk."""

import os
from pathlib import Path

import pytest

from zen_lightning.errors import UserError
from zen_lightning.tracking.wandb_mode import check_mode, check_written, needs_offline, no_settings_of_directory, own_folders

SERVER = "https://wandb.example.org"


@pytest.mark.parametrize(
    ("mode", "environ", "machine", "offline"),
    [
        ("online", {}, "", True),
        ("offline", {}, "", False),
        ("disabled", {}, "", False),
        ("dryrun", {}, "", False),
        ("online", {"WANDB_API_KEY": "key"}, "", False),
        ("online", {}, "wandb.example.org", False),
        ("online", {}, "api.wandb.ai", False),
        ("online", {}, "other.example.org", True),
    ],
)
def test_without_a_key_it_is_offline(mode: str, environ: dict[str, str], machine: str, offline: bool, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text(f"machine {machine} login user password key\n" if machine else "")
    assert needs_offline(mode, {**environ, "NETRC": str(tmp_path / "netrc")}, SERVER) == offline


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


@pytest.mark.parametrize("folder", ["wandb", ".wandb"])
def test_no_settings_of_the_working_directory(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wandb = pytest.importorskip("wandb")
    monkeypatch.chdir(tmp_path)
    for name in ("WANDB_BASE_URL", "WANDB_ENTITY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path / "own"))
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "settings").write_text("[default]\nentity = mine\n")
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "settings").write_text("[default]\nbase_url = http://evil.example.org\nentity = evil\n")
    wandb.teardown()
    try:
        assert wandb.setup().settings.base_url == "http://evil.example.org"  # What W&B does by itself.
        wandb.teardown()
        with no_settings_of_directory():
            settings = wandb.setup().settings
        assert "evil" not in f"{settings.base_url} {settings.entity}"
        assert settings.entity == "mine"
        assert f"{folder}/settings is not read" in capsys.readouterr().err
    finally:
        wandb.teardown()


@pytest.mark.parametrize(
    ("written", "environment", "mode", "told"),
    [
        ("mode = offline\n", None, "offline", False),  # What ``wandb offline`` writes.
        ("mode = disabled\n", None, "disabled", False),
        ("mode = offline\n", "online", "online", False),
        ("mode = offline\nbase_url = http://evil.example.org\n", None, "offline", True),
        ("mode = online\nbase_url = http://evil.example.org\n", None, "online", True),
        ("mode = %(offline\n", None, "online", True),
        ("\0[", None, "online", True),
    ],
)
def test_that_a_run_is_offline_counts_also_in_the_working_directory(
    written: str,
    environment: str | None,
    mode: str,
    told: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """``wandb offline`` writes it there: what is to stay here is not uploaded."""
    wandb = pytest.importorskip("wandb")
    monkeypatch.chdir(tmp_path)
    for name in ("WANDB_BASE_URL", "WANDB_MODE"):
        monkeypatch.delenv(name, raising=False)
    if environment is not None:
        monkeypatch.setenv("WANDB_MODE", environment)
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path / "own"))
    (tmp_path / "wandb").mkdir()
    (tmp_path / "wandb" / "settings").write_text(f"[default]\n{written}")
    wandb.teardown()
    try:
        with no_settings_of_directory():
            settings = wandb.setup().settings
        assert settings.mode == mode
        assert "evil" not in settings.base_url
        assert ("WANDB_MODE=offline" in capsys.readouterr().err) == told
    finally:
        wandb.teardown()


@pytest.mark.parametrize("mode", ["nonsense", "Offline", "0"])
def test_a_mode_that_wandb_does_not_know_is_refused(mode: str) -> None:
    with pytest.raises(UserError, match=f"WANDB_MODE={mode} in the environment: expected one of online, offline, "):
        check_mode({"WANDB_MODE": mode})


def test_an_empty_mode_is_none() -> None:
    environ = {"WANDB_MODE": "", "OTHER": ""}
    check_mode(environ)
    assert environ == {"OTHER": ""}


@pytest.mark.parametrize("mode", ["online", "offline", "disabled", "shared", "dryrun", "run"])
def test_modes_of_wandb_are_left_as_they_are(mode: str) -> None:
    environ = {"WANDB_MODE": mode}
    check_mode(environ)
    assert environ == {"WANDB_MODE": mode}
