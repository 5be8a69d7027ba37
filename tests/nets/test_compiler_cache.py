"""What is compiled is kept where nobody else can put code: PyTorch unpickles and loads what lies there."""

import os
from multiprocessing.util import get_temp_dir
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


def lend_to_group(place: Path, monkeypatch: pytest.MonkeyPatch, group: int) -> None:
    """Have a folder be of a group: only root may give one to any."""
    lstat = os.lstat

    def with_group(path: str | Path) -> os.stat_result:
        found = lstat(path)
        return os.stat_result((*found[:5], group, *found[6:])) if str(path) == str(place) else found

    monkeypatch.setattr(os, "lstat", with_group)


def test_a_folder_that_the_users_own_group_may_write_to_is_taken(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.mkdir()
    place.chmod(0o775)
    lend_to_group(place, monkeypatch, os.getuid())
    use_own_compiler_cache()
    assert os.environ[PLACE] == str(place)


@pytest.mark.parametrize("how", ["of another user", "for all to write", "for a group to write", "a link", "a file"])
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
        (place / "theirs.so").touch()
        place.chmod({"for all to write": 0o777, "for a group to write": 0o775}.get(how, 0o755))
    if how == "for a group to write":
        lend_to_group(place, monkeypatch, os.getuid() + 1)
    if how == "of another user":
        monkeypatch.setattr(os, "getuid", lambda: place.stat().st_uid + 1)
    use_own_compiler_cache()
    assert os.environ[PLACE] == str(place.parent / "caches" / "zen_lightning" / "compiled")
    assert Path(os.environ[PLACE]).stat().st_mode & 0o777 == 0o700
    assert f"compile: {place} is not yours alone" in capsys.readouterr().err


def test_an_empty_folder_that_a_group_may_write_to_is_made_anew(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """PyTorch makes it as it is imported, for the group too where the umask is 002."""
    place.mkdir()
    place.chmod(0o775)
    lend_to_group(place, monkeypatch, os.getuid() + 1)
    use_own_compiler_cache()
    assert os.environ[PLACE] == str(place)
    assert place.stat().st_mode & 0o777 == 0o700
    assert capsys.readouterr().err == ""


def test_without_a_home_to_write_to_the_folder_passes(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(place))  # No folder can be made below a file.
    use_own_compiler_cache()
    assert Path(os.environ[PLACE]).is_relative_to(get_temp_dir())
    assert Path(os.environ[PLACE]).stat().st_mode & 0o777 == 0o700


def test_a_folder_that_the_user_names_is_taken(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLACE, "/somewhere")
    use_own_compiler_cache()
    assert os.environ[PLACE] == "/somewhere"
    assert not place.exists()
