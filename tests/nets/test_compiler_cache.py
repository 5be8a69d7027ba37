"""What is compiled is kept where nobody else can put code: PyTorch unpickles and loads what lies there."""

import os
from pathlib import Path

import pytest

from zen_lightning.nets.compiler_cache import use_own_compiler_cache

PLACE = "TORCHINDUCTOR_CACHE_DIR"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that PyTorch would take; it is not there yet."""
    cache_dir_utils = pytest.importorskip("torch._inductor.runtime.cache_dir_utils")
    monkeypatch.setattr(cache_dir_utils, "default_cache_dir", lambda: str(tmp_path / "torchinductor_me"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    monkeypatch.setenv(PLACE, str(tmp_path / "torchinductor_me"))  # As PyTorch itself sets it.
    return tmp_path / "torchinductor_me"


def test_a_folder_of_this_user_is_made_and_taken(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        use_own_compiler_cache()
        assert os.environ[PLACE] == str(place)
    assert place.stat().st_mode & 0o777 == 0o700
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("how", ["of another user", "for all to write", "a link", "a file"])
def test_what_somebody_else_has_made_is_not_taken(
    how: str, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if how == "a link":
        (place.parent / "theirs").mkdir()
        place.symlink_to("theirs")
    elif how == "a file":
        place.touch()
    else:
        place.mkdir()
        place.chmod(0o777 if how == "for all to write" else 0o755)
    if how == "of another user":
        monkeypatch.setattr(os, "getuid", lambda: place.stat().st_uid + 1)
    use_own_compiler_cache()
    assert os.environ[PLACE] == str(place.parent / "caches" / "zen_lightning" / "compiled")
    assert Path(os.environ[PLACE]).stat().st_mode & 0o777 == 0o700
    assert f"compile: {place} is of another user" in capsys.readouterr().err


def test_a_folder_that_the_user_names_is_taken(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLACE, "/somewhere")
    use_own_compiler_cache()
    assert os.environ[PLACE] == "/somewhere"
    assert not place.exists()
