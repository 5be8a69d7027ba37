"""Downloads: whole or not at all, continued where they stopped, and errors that say what to do."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections import namedtuple
from pathlib import Path
from random import Random
from urllib.error import URLError
from urllib.request import Request

import pytest

from file_server import FileServer
from test_init import loaded_after
from zen_lightning.errors import UserError
from zen_lightning.system.checksums import check_beside
from zen_lightning.system.download import fetch
from zen_lightning.system.web_opener import _Redirects

CONTENT = Random(0).randbytes(1_500_000)
OTHER = Random(1).randbytes(1_200_000)
HALF = 750_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "net.pth"


@pytest.fixture
def url(server: FileServer) -> str:
    server.files["/net.pth"] = CONTENT
    return f"{server.url}/net.pth"


def stop_half_way(server: FileServer, url: str, path: Path) -> None:
    server.sends = [HALF]
    with pytest.raises(UserError, match=r"the connection (ended after 0\.8 MB of 1|broke)"):
        fetch(url, path, attempts=1)
    assert not path.exists()
    assert path.with_name("net.pth.part").stat().st_size == HALF
    server.requests.clear()


def left(path: Path) -> list[Path]:
    """Return what is in the folder of a download, but for its checksum."""
    return [one for one in path.parent.iterdir() if one.name != ".sha256"]


def only(path: Path) -> bool:
    """Whether a download has left its file and nothing else."""
    return path.read_bytes() == CONTENT and left(path) == [path]


def test_a_file_comes_whole_and_once(server: FileServer, url: str, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch(url, path) == path
    assert only(path)
    fetch(url, path)
    assert len(server.requests) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "1.5 MB of 1.5 MB of net.pth  " in captured.err


def test_a_broken_connection_is_continued_at_once(server: FileServer, url: str, path: Path) -> None:
    server.sends = [HALF, 10_000]
    fetch(url, path)
    assert only(path)
    assert [wanted for _, wanted in server.requests] == [None, f"bytes={HALF}-", f"bytes={HALF + 10_000}-"]


@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
def test_a_stopped_download_is_continued(server: FileServer, url: str, path: Path, header: str) -> None:
    server.headers = {header}
    stop_half_way(server, url, path)
    fetch(url, path)
    assert only(path)
    assert server.requests == [("/net.pth", f"bytes={HALF}-")]


def test_a_server_without_ranges_sends_it_all_again(server: FileServer, url: str, path: Path) -> None:
    stop_half_way(server, url, path)
    server.ranges = False
    fetch(url, path)
    assert only(path)


def test_what_cannot_be_told_from_another_file_is_not_continued(server: FileServer, url: str, path: Path) -> None:
    server.headers = set()
    stop_half_way(server, url, path)
    fetch(url, path)
    assert only(path)
    assert server.requests == [("/net.pth", None)]


@pytest.mark.parametrize("checks_if_range", [True, False])
def test_a_file_that_changed_is_started_over(server: FileServer, path: Path, checks_if_range: bool) -> None:
    server.files["/net.pth"] = OTHER
    url = f"{server.url}/net.pth"
    stop_half_way(server, url, path)
    server.files["/net.pth"] = CONTENT
    server.checks_if_range = checks_if_range
    fetch(url, path)
    assert only(path)


def test_a_file_that_became_shorter_is_started_over(server: FileServer, url: str, path: Path) -> None:
    stop_half_way(server, url, path)
    server.files["/net.pth"], server.checks_if_range = CONTENT[:1000], False
    fetch(url, path)
    assert path.read_bytes() == CONTENT[:1000]


def test_the_part_of_another_address_is_not_continued(server: FileServer, url: str, path: Path) -> None:
    stop_half_way(server, url, path)
    server.files["/mirror"] = OTHER
    fetch(f"{server.url}/mirror", path)
    assert path.read_bytes() == OTHER


@pytest.mark.parametrize("note", ["", "{", "[1]", '{"url": 1}', None])
def test_a_damaged_note_starts_over(server: FileServer, url: str, path: Path, note: str | None) -> None:
    stop_half_way(server, url, path)
    beside = path.with_name("net.pth.part.json")
    beside.unlink() if note is None else beside.write_text(note)
    fetch(url, path)
    assert only(path)


def test_a_kill_before_the_last_step_needs_no_server(server: FileServer, url: str, path: Path) -> None:
    stop_half_way(server, url, path)
    path.with_name("net.pth.part").write_bytes(CONTENT)
    fetch(url, path)
    assert only(path)
    assert server.requests == []


def test_a_killed_process_is_continued(server: FileServer, url: str, path: Path) -> None:
    server.sends, server.stall = [HALF], threading.Event()
    code = f"from pathlib import Path; from zen_lightning.system.download import fetch; fetch({url!r}, Path({str(path)!r}))"
    child = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    assert server.stalled.wait(20)
    child.send_signal(signal.SIGKILL)
    child.wait(20)
    server.stall.set()
    assert not path.exists()
    fetch(url, path)
    assert path.read_bytes() == CONTENT
    assert left(path) == [path]


def test_a_second_process_waits_for_the_first(
    server: FileServer,
    url: str,
    path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("fcntl")
    server.sends, server.stall = [HALF], threading.Event()
    first = threading.Thread(target=fetch, args=(url, path))
    first.start()
    assert server.stalled.wait(20)
    second = threading.Thread(target=fetch, args=(url, path))
    second.start()
    while "waiting for another process" not in capsys.readouterr().err:
        second.join(0.02)
    server.stall.set()
    first.join(20)
    second.join(20)
    assert only(path)
    assert len(server.requests) == 2  # Both by the first, which was cut off.


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("/none.pth", r"none\.pth: the server answers 404 \(Not Found\)\. The file can also be put by hand at .*net\.pth$"),
        ("/empty", "the file on the server is empty"),
    ],
)
def test_what_the_server_does_not_have(server: FileServer, path: Path, address: str, message: str) -> None:
    server.files["/empty"] = b""
    with pytest.raises(UserError, match=message):
        fetch(server.url + address, path)
    assert list(path.parent.iterdir()) == []


def test_no_server(server: FileServer, path: Path) -> None:
    server.close()
    with pytest.raises(
        UserError, match=r"cannot download http://127.*: no connection \(.*refused\)\. The file can also be put"
    ):
        fetch(f"{server.url}/net.pth", path)


def test_a_server_that_says_nothing_more(server: FileServer, url: str, path: Path) -> None:
    server.sends, server.stall = [HALF], threading.Event()
    with pytest.raises(
        UserError, match=r"timed out\); 0\.8 MB of it are kept, and the next attempt continues from there\. The file"
    ):
        fetch(url, path, timeout=0.2, attempts=1)
    server.stall.set()
    fetch(url, path)
    assert only(path)


def test_a_connection_that_never_brings_anything_is_given_up(server: FileServer, url: str, path: Path) -> None:
    server.sends = [HALF, 0, 0, 0]
    with pytest.raises(UserError, match=r"0\.8 MB of it are kept"):
        fetch(url, path)
    assert len(server.requests) == 2


def test_no_room(server: FileServer, url: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage(10**9, 10**9 - 400_000, 400_000))
    with pytest.raises(UserError, match=r"there is no room for it in .*deep: it needs 1\.5 MB, 0\.4 MB are free"):
        fetch(url, path)
    assert list(path.parent.iterdir()) == []


def test_a_disk_that_fills_up(server: FileServer, url: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match=r"cannot write .*net\.pth \(No space left on device\)"):
        fetch(url, path)
    assert not path.exists()


def test_a_folder_that_cannot_be_made(url: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"cannot write .*file"):
        fetch(url, tmp_path / "file" / "net.pth")


def test_files_of_this_machine(tmp_path: Path, path: Path) -> None:
    (tmp_path / "source").write_bytes(CONTENT)
    fetch((tmp_path / "source").as_uri(), path)
    assert only(path)
    with pytest.raises(UserError, match=r"no connection \("):
        fetch((tmp_path / "none").as_uri(), tmp_path / "other")


@pytest.mark.parametrize("address", ["ftp://127.0.0.1/x", "net.pth", "", "http://", "http://127.0.0.1:port/x", "http://a b/"])
def test_addresses_that_are_none(path: Path, address: str) -> None:
    with pytest.raises(UserError, match="cannot download"):
        fetch(address, path)


def test_the_note_says_what_the_part_is_of(server: FileServer, url: str, path: Path) -> None:
    stop_half_way(server, url, path)
    note = json.loads(path.with_name("net.pth.part.json").read_text())
    assert (note["url"], note["size"]) == (url, len(CONTENT))


def test_torch_is_not_loaded() -> None:
    assert "torch" not in loaded_after("import zen_lightning.system.download")


@pytest.mark.parametrize("length", ["abc", "-5", "1e3", "9" * 30])
def test_a_size_that_is_none_is_refused(server: FileServer, url: str, path: Path, length: str) -> None:
    server.said = {"Content-Length": length}
    with pytest.raises(UserError, match="announces a size that is none"):
        fetch(url, path)
    assert left(path) == []


def test_a_part_that_nobody_asked_for_is_no_file(server: FileServer, url: str, path: Path) -> None:
    server.status, server.said = 206, {"Content-Range": f"bytes 0-{HALF - 1}/{len(CONTENT)}"}
    with pytest.raises(UserError, match="sends a part of the file, and was asked for all of it"):
        fetch(url, path)
    assert left(path) == []


def test_without_a_size_there_is_a_limit(server: FileServer, url: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server.said = {"Content-Length": None}
    monkeypatch.setattr("zen_lightning.system.download._LARGEST", 10_000)
    with pytest.raises(UserError, match="does not say how large it is, and sends more than 10,000 B"):
        fetch(url, path)
    assert left(path) == []


def test_what_was_seen_first_is_recorded(server: FileServer, url: str, path: Path) -> None:
    fetch(url, path)
    assert check_beside(path, "")
    path.write_bytes(CONTENT[:-1] + b"x")
    with pytest.raises(UserError, match="is damaged"):
        check_beside(path, "")


@pytest.mark.parametrize("url", ["http://[::1", "http://host:port/x", "http:///x", "x y", "ftp://host/x", "http://a b/x", ""])
def test_an_address_names_a_server(path: Path, url: str) -> None:
    with pytest.raises(UserError, match="expected an address that begins with http://, https://, file://"):
        fetch(url, path)


def test_no_redirect_from_https() -> None:
    with pytest.raises(URLError, match="from https to http://other/x, which is refused"):
        _Redirects().redirect_request(Request("https://host/x"), None, 302, "", {}, "http://other/x")


@pytest.mark.parametrize("length", ["9" * 40, "1" * 18])
def test_what_comes_with_a_redirect_is_not_read(server: FileServer, url: str, path: Path, length: str) -> None:
    server.status = 302
    server.said = {"Location": f"{server.url}/nowhere", "Content-Length": length}
    with pytest.raises(UserError, match="the server answers 404"):
        fetch(url, path, timeout=5)
    assert not path.exists()


@pytest.mark.parametrize("length", ["right", None])
def test_a_rest_that_is_called_the_whole_file_is_not_taken_for_it(
    server: FileServer, url: str, path: Path, length: str | None
) -> None:
    stop_half_way(server, url, path)
    server.part_status = 200
    if length is None:
        server.said = {"Content-Length": None}
    fetch(url, path, timeout=2)
    assert path.read_bytes() == server.files["/net.pth"]


@pytest.mark.parametrize("announced", ["1000", None])
def test_a_rest_that_is_too_short_ends_no_file(server: FileServer, url: str, path: Path, announced: str | None) -> None:
    """What counts is the size of the whole file, which the first answer announced."""
    stop_half_way(server, url, path)
    server.said = {"Content-Length": announced}
    server.sends = [1000]
    with pytest.raises(UserError, match=r"the connection (ended after 0\.8 MB of 1\.5 MB|broke)"):
        fetch(url, path, attempts=1)
    assert not path.exists()
    server.said = {}
    fetch(url, path)
    assert only(path)
