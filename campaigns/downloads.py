"""Downloads from a server that misbehaves: is a file ever taken for whole that is not?

    python campaigns/downloads.py --count 2000

Hypothesis draws how each answer of a server on this machine is wrong: sizes that are too short, too long, no number, or absent;
parts that nobody asked for, of other places and of other files; files that change meanwhile; bodies that are cut off, chunked
wrongly, or do not end; redirects to itself, to files of this machine, to nowhere; answers that are not HTTP. The file is asked
for until it is there, four times at most. Faults: a file that is none of those that the server said it has whole; a partial one
under the name of the whole; anything raised that is not a sentence; a hang of over 60 seconds.
"""

import contextlib
import io
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from random import Random
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from campaign import arguments, drawing, reported
from zen_lightning.errors import UserError
from zen_lightning.system import download

VERSIONS = [Random(number).randbytes(size) for number, size in enumerate((40_000, 30_000))]
"""Files that the server may hold: they differ, and so do their sizes."""

_ENDLESS = 400_000
"""Bytes after which a body that does not end is to be given up here; a user's limit is 4 GiB."""

SECONDS = 60


class Answer(NamedTuple):
    """How one answer is wrong.

    Attributes:
        version: which of the files it is of.
        status: its status, ``right`` for the true one.
        length: what it announces, or ``right``, ``short``, ``long``, ``absent``.
        body: what follows: ``whole``, ``cut``, ``endless``, ``chunked``, ``chunked wrongly``.
        tags: whether it names its version: ``right``, ``none``, ``weak``.
        place: the place of a part: ``right``, ``other``, ``absent``, ``nonsense``.
        first: the line of its status: ``right``, ``nonsense``, ``nothing``.
        to: where it redirects to, if its status is that of a redirect.
    """

    version: int
    status: str
    length: str
    body: str
    tags: str
    place: str
    first: str
    to: str


_RIGHT = "right"
ANSWERS = st.builds(
    Answer,
    version=st.sampled_from([0, 0, 0, 1]),
    status=st.sampled_from([_RIGHT] * 6 + ["200", "206", "302", "404", "416", "503", "304", "100"]),
    length=st.sampled_from([_RIGHT] * 5 + ["short", "long", "absent", "abc", "-1", "1e3", "9" * 40, "", "12, 13", "\u0663"]),
    body=st.sampled_from(["whole"] * 3 + ["cut"] * 3 + ["endless", "chunked", "chunked wrongly"]),
    tags=st.sampled_from([_RIGHT, _RIGHT, "none", "weak"]),
    place=st.sampled_from([_RIGHT] * 3 + ["other", "absent", "nonsense"]),
    first=st.sampled_from([_RIGHT] * 8 + ["nonsense", "nothing"]),
    to=st.sampled_from(["/again", "file:///etc/hostname", "ftp://x/y", "http://127.0.0.1:1/", "//", "\u0000", ""]),
)


class Server:
    """Answers as it is told.

    Attributes:
        answers: those to come.
        whole: contents that it has said, as far as a client can know, to be a whole file.
    """

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.whole: set[bytes] = set()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/net.pth"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            connection, _ = self._socket.accept()
            with connection, contextlib.suppress(OSError, IndexError):
                connection.settimeout(5)
                asked = b""
                while b"\r\n\r\n" not in asked:
                    asked += connection.recv(1 << 14) or b"\r\n\r\n"
                connection.sendall(self.answer(asked.decode("latin-1")))

    def answer(self, asked: str) -> bytes:
        """Return the bytes of the next answer."""
        how = self.answers.pop(0)
        content = VERSIONS[how.version]
        tag = f'"version-{how.version}"'
        begin = 0
        wanted = next((line for line in asked.splitlines() if line.lower().startswith("range: bytes=")), "")
        if wanted and (f"if-range: {tag}" in asked.lower() or how.tags == "none"):
            begin = min(int(wanted.partition("=")[2].rstrip("-")), len(content))
        status = how.status if how.status != _RIGHT else "206" if begin else "200"
        sent = content[begin:]
        lines = [f"HTTP/1.1 {status} As Told" if how.first == _RIGHT else "not HTTP \x01" if how.first == "nonsense" else ""]
        lines += [f"ETag: {'W/' if how.tags == 'weak' else ''}{tag}"] if how.tags != "none" else []
        places = {_RIGHT: f"bytes {begin}-{len(content) - 1}/{len(content)}", "other": "bytes 7-20/40000", "nonsense": "x"}
        lines += [f"Content-Range: {places[how.place]}"] if status == "206" and how.place in places else []
        lines += [f"Location: {how.to}"] if status == "302" else []
        lengths = {_RIGHT: len(sent), "short": len(sent) // 2, "long": len(sent) + 999}
        chunked = how.body.startswith("chunked")
        lines += ["Transfer-Encoding: chunked"] if chunked else []
        if how.length != "absent" and not chunked:
            lines.append(f"Content-Length: {lengths.get(how.length, how.length)}")
        body = {"cut": sent[: len(sent) // 3], "endless": sent * (1 + _ENDLESS // max(1, len(sent)))}.get(how.body, sent)
        if chunked:
            size = f"{len(body):x}" if how.body == "chunked" else "zz"
            body = f"{size}\r\n".encode() + body + b"\r\n0\r\n\r\n"
        if begin == 0 and not chunked:
            # Without a size, or with one that is too small, nobody can know that there should have been more.
            announced = lengths.get(how.length, len(body))
            self.whole.add(body[:announced] if announced <= len(body) else content)
        return ("\r\n".join([*lines, "Connection: close"]) + "\r\n\r\n").encode("utf-8") + body


def run(count: int, number: int, folder: Path, counts: Counter[str], faults: list[str]) -> None:
    """Run the campaign.

    Args:
        count: number of files that are asked for.
        number: the seed.
        folder: an empty folder.
        counts: of how these ended.
        faults: sentences about what must not be.
    """
    server = Server()
    path = folder / "deep" / "net.pth"

    @drawing(count, number)
    @given(st.lists(ANSWERS, min_size=12, max_size=12))
    def trial(answers: list[Answer]) -> None:
        shutil.rmtree(path.parent, ignore_errors=True)
        server.answers, server.whole = list(answers), set(VERSIONS)
        for _ in range(4):
            began = time.monotonic()
            try:
                with contextlib.redirect_stderr(io.StringIO()):
                    download.fetch(server.url, path, timeout=2, attempts=2)
            except UserError:
                counts["refused"] += 1
                if path.exists():
                    faults.append(f"a file is left after a refusal: {answers}")
            except Exception as error:
                faults.append(f"{type(error).__name__}: {error}: {answers}")
            if time.monotonic() - began > SECONDS:
                faults.append(f"a hang: {answers}")
            if path.exists():
                break
        counts["files"] += 1
        if path.exists():
            content = path.read_bytes()
            counts["whole" if content in VERSIONS else "as announced"] += 1
            if content not in server.whole:
                faults.append(f"a file of {len(content)} bytes that no answer was: {answers}")

    trial()


def main(words: list[str] | None = None) -> int:
    """Run the campaign of the command line; return 1 where there was a fault."""
    options = arguments(__doc__.splitlines()[0], 2000).parse_args(words)
    counts: Counter[str] = Counter()
    faults: list[str] = []
    before = download._LARGEST, download._PAUSE_SECONDS
    with tempfile.TemporaryDirectory() as folder, reported("downloads", options, {"outcomes": counts, "faults": faults}):
        try:
            download._LARGEST, download._PAUSE_SECONDS = _ENDLESS // 2, 0.0
            run(options.count, options.seed, Path(folder), counts, faults)
        finally:
            download._LARGEST, download._PAUSE_SECONDS = before
    return int(bool(faults))


if __name__ == "__main__":
    sys.exit(main())
