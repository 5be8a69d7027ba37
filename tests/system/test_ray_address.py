"""The Ray cluster of this machine is one's own, or that of root."""

import os
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from zen_lightning.system import ray_address
from zen_lightning.system.ray_address import found_address

_OTHER = 54_321
"""A user who has no name here, most likely."""


def ray_with(path: Path) -> SimpleNamespace:
    utils = SimpleNamespace(get_ray_address_file=lambda folder: str(path))
    return SimpleNamespace(_private=SimpleNamespace(utils=utils))


@pytest.fixture
def address_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that names a cluster, which answers."""
    monkeypatch.setattr(ray_address, "unanswered", lambda address: None)
    path = tmp_path / "ray" / "ray_current_cluster"
    path.parent.mkdir()
    path.write_text("10.0.0.1:6379\n")
    return path


@pytest.mark.parametrize(
    ("owner", "address"), [(None, "10.0.0.1:6379"), (0, "10.0.0.1:6379"), (_OTHER, "local")], ids=["own", "root", "other"]
)
def test_the_owner_of_the_file_decides(
    owner: int | None, address: str, address_file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with monkeypatch.context() as patch:
        if owner is not None:
            patch.setattr(ray_address.os, "getuid", lambda: _OTHER + 1)
            patch.setattr(ray_address.os, "fstat", lambda file: SimpleNamespace(st_uid=owner))
        found = found_address(ray_with(address_file), "workers=ray")
    assert found == address
    said = capsys.readouterr().err
    assert said.startswith("workers=ray: a Ray cluster of another user (") == (owner == _OTHER), said


def test_a_cluster_that_was_killed_has_left_its_address(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ray would wait for minutes for it to answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        (tmp_path / "ray_current_cluster").write_text(address)
        assert found_address(ray_with(tmp_path / "ray_current_cluster"), "workers=ray") == address
    assert found_address(ray_with(tmp_path / "ray_current_cluster"), "workers=ray") == "local"
    assert f"does not answer at {address} (Connection refused): this command starts one" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "O_NOFOLLOW"), reason="links are others there")
def test_a_link_is_not_followed(address_file: Path) -> None:
    """Whose link that is, and who can change where it leads, the file does not say."""
    link = address_file.with_name("link")
    link.symlink_to(address_file)
    assert found_address(ray_with(link), "workers=ray") == "local"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes")
def test_what_is_no_file_names_no_cluster(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path / "missing", tmp_path):
        assert found_address(ray_with(path), "workers=ray") == "local"


def test_a_ray_that_keeps_its_address_elsewhere_starts_a_cluster() -> None:
    assert found_address(SimpleNamespace(_private=SimpleNamespace()), "workers=ray") == "local"


@pytest.mark.parametrize(("owner", "address"), [(None, "10.0.0.1:6379"), (_OTHER, "local")])
def test_a_folder_that_is_a_link_is_of_whoever_made_the_link(
    owner: int | None, address: str, address_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "link"
    folder.symlink_to(address_file.parent, target_is_directory=True)
    if owner is not None:
        lstat = Path.lstat
        other = SimpleNamespace(st_uid=owner, st_mode=folder.lstat().st_mode)
        monkeypatch.setattr(Path, "lstat", lambda path: other if path == folder else lstat(path))
    assert found_address(ray_with(folder / address_file.name), "workers=ray") == address
