"""Servers that keep a user waiting, or send them elsewhere."""

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from urllib.error import URLError
from urllib.request import Request

import pytest

from zen_lightning.errors import UserError
from zen_lightning.system import download
from zen_lightning.system import web_opener as module
from zen_lightning.system.download import fetch
from zen_lightning.system.web_opener import _Redirects

Say = Callable[[socket.socket], None]
_BEGUN = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def serve() -> Iterator[Callable[[Say], str]]:
    listening = socket.create_server(("127.0.0.1", 0))

    def begin(say: Say) -> str:
        def answer() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    connection.recv(1 << 16)
                    say(connection)

        threading.Thread(target=answer, daemon=True).start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}/net.pth"

    yield begin
    listening.close()


def slowly(first: bytes, again: bytes, cut: threading.Event | None = None) -> Say:
    """Return what sends until the other side cuts the connection, or gives up after a minute."""

    def say(connection: socket.socket) -> None:
        connection.sendall(first)
        connection.settimeout(0.05)
        for _ in range(1200):
            try:
                connection.sendall(again)
                ended = not connection.recv(1)
            except TimeoutError:
                continue
            except ConnectionError:
                ended = True
            if ended:
                break
        else:
            return
        if cut is not None:
            cut.set()

    return say


ENDLESS = pytest.mark.parametrize("words", [(_BEGUN, b"X"), (b"", b"HTTP/1.1 100 Continue\r\n\r\n"), (b"H", b"")])


@ENDLESS
def test_an_answer_that_does_not_end_is_not_waited_for(
    words: tuple[bytes, bytes], serve: Callable[[Say], str], tmp_path: Path
) -> None:
    cut = threading.Event()
    with pytest.raises(UserError, match=r"no whole answer within 0\.5 seconds|timed out"):
        fetch(serve(slowly(*words, cut)), tmp_path / "net.pth", timeout=0.5)
    assert cut.wait(30)


@ENDLESS
@pytest.mark.parametrize("said", [{}, {"timeout": None}])
def test_nor_is_one_of_a_request_without_a_timeout(
    said: dict[str, None], words: tuple[bytes, bytes], serve: Callable[[Say], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_UNSAID", 0.5)
    cut = threading.Event()
    with pytest.raises(OSError, match=r"no whole answer within 0\.5 seconds"):
        module.web_opener().open(serve(slowly(*words, cut)), **said)
    assert cut.wait(30)


def test_a_file_that_comes_byte_by_byte_is_given_up(
    serve: Callable[[Say], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = SimpleNamespace(monotonic=count(0, 10).__next__, sleep=time.sleep)  # Ten seconds for each look at it.
    monkeypatch.setattr(download, "time", clock)
    cut = threading.Event()
    url = serve(slowly(_BEGUN + b"Content-Length: 9999\r\n\r\n", b"x", cut))
    with pytest.raises(UserError, match="sends less than 1,024 bytes a second"):
        fetch(url, tmp_path / "net.pth", timeout=30, attempts=1)
    assert cut.wait(30)
    assert not (tmp_path / "net.pth").exists()


def test_a_compressed_file_is_not_taken_for_the_file(serve: Callable[[Say], str], tmp_path: Path) -> None:
    content = gzip.compress(bytes(10_000))
    head = _BEGUN + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(content)
    with pytest.raises(UserError, match="sends the file compressed"):
        fetch(serve(slowly(head + content, b"")), tmp_path / "net.pth", timeout=2)
    assert not (tmp_path / "net.pth").exists()


@pytest.mark.parametrize("to", ["ftp://other/x", "http://other/x", "file:///etc/hostname"])
def test_no_redirect_leads_out_of_the_web_or_to_plain_text(to: str) -> None:
    with pytest.raises(URLError, match="sends on from https"):
        _Redirects().redirect_request(Request("https://host/x"), None, 302, "", {}, to)
    if not to.startswith("http:"):
        with pytest.raises(URLError, match="sends on from http"):
            _Redirects().redirect_request(Request("http://host/x"), None, 302, "", {}, to)


def test_no_password_is_told(tmp_path: Path) -> None:
    for url in ("http://me:secret@127.0.0.1:1/net.pth", "http://127.0.0.1:1/net.pth?token=secret"):
        with pytest.raises(UserError, match="cannot download http://") as caught:
            fetch(url, tmp_path / "net.pth", timeout=1)
        assert "secret" not in str(caught.value)
