"""Downloads: a file appears whole or not at all, and an interrupted download continues where it stopped."""

import glob
import os
import re
import shutil
import sys
import time
from contextlib import closing
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request

from zen_lightning.errors import UserError
from zen_lightning.system.files import keep
from zen_lightning.system.json_files import read_json, write_json
from zen_lightning.system.live_bar import LiveBar
from zen_lightning.system.locks import locked
from zen_lightning.system.numbers import megabytes
from zen_lightning.system.schema import COUNT, TEXT, Record
from zen_lightning.system.web_opener import web_opener, without_secrets

_CHUNK = 1 << 18
"""Bytes read at a time. A choice: the progress moves several times a second at 1 MB/s."""

_PAUSE_SECONDS = 1.0
"""Pause before a broken connection is opened again. A choice: a server that restarts is not flooded with requests."""

_LARGEST = 2**32
"""Bytes of a file whose size the server does not say. A choice: the published checkpoints have some hundred MB."""

_SLOWEST = 1024
"""Bytes a second below which a connection is given up. A choice: a checkpoint of 100 MB would take a day."""

_PATIENCE = 2.0
"""Seconds, in timeouts, over which this is measured. A choice."""

_MOST_DIGITS = 18
"""Digits of an announced size. A choice: no disk has an exabyte."""

_NOTE = Record({"url": TEXT, "size": COUNT, "ETag": TEXT, "Last-Modified": TEXT}, required=("url",))
_SCHEMES = ("http", "https", "file")


def fetch(url: str, path: Path, label: str | None = None, timeout: float = 30.0, attempts: int = 5) -> Path:
    """Download ``url`` to ``path``, unless it is there already.

    Data are written to ``<path>.part``, which is renamed to ``path`` once it has the size that the server announced. After a
    kill or a broken connection the next call continues it, if the server still has the same file (by its ETag or its date) and
    sends parts of files; otherwise it starts again. A second process waits for the first.

    Args:
        url: http, https or file.
        path: where to put the file; its folder is created.
        label: name of the file in the progress line; by default its file name.
        timeout: seconds without a whole answer, or without any byte of the file, after which the connection is given up; so is
            one that sends less than 1 kB a second over twice as long.
        attempts: number of connections tried, each after the one before broke with new data received.

    Returns:
        ``path``.

    Raises:
        UserError: no network, no such file, a wrong size, or no room on the disk. The message holds the URL, and where the file
            can be put by hand.
    """
    if path.exists():
        return path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with locked(path.with_name(f"{path.name}.lock"), lambda: _say(f"waiting for another process to download {path}")):
            if not path.exists():
                _Download(url, path, label or path.name, timeout).run(attempts)
    except OSError as error:
        raise _refusal(url, path, f"cannot write {error.filename or path} ({error.strerror or error})") from error
    return path


_OPENER = web_opener()


class _BrokenConnectionError(Exception):
    """The connection ended before the whole file was received."""


class _Download:
    def __init__(self, url: str, path: Path, label: str, timeout: float) -> None:
        self._url = url
        self._path = path
        self._label = label
        self._timeout = timeout
        self._part = path.with_name(f"{path.name}.part")
        self._note = path.with_name(f"{path.name}.part.json")
        if not _is_address(url):
            kinds = "://, ".join(_SCHEMES)
            raise _refusal(url, path, f"expected an address that begins with {kinds}://, and names a server and no user")

    def run(self, attempts: int) -> None:
        try:
            for attempt in range(1, attempts + 1):
                before = self._size()
                try:
                    self._attempt()
                    break
                except _BrokenConnectionError as error:
                    gained = self._size() - before
                    if attempt == attempts or gained == 0:
                        raise _refusal(self._url, self._path, f"{error}{self._kept()}") from error
                    time.sleep(_PAUSE_SECONDS)
            keep(self._part, self._path)  # What was seen first: a file that changes later is not taken for it.
            os.replace(self._part, self._path)
            for left in self._path.parent.glob(f".{glob.escape(self._note.stem)}.*{self._note.suffix}"):
                left.unlink(missing_ok=True)  # Left by a process that was killed while it wrote the note.
        finally:
            if self._size() == 0:
                self._discard()

    def _attempt(self) -> None:
        note = self._read_note()
        have = self._size() if note else 0
        if note and have == note["size"]:
            return  # The process was killed after the last byte and before the rename.
        answer = self._open(have, note)
        if have and not _continues(answer, have, note):
            have = 0
            if answer.status == 206 or str(answer.headers.get("Content-Length")).strip() != str(note["size"]):
                answer.close()  # It may be a part, whatever its status says, or another file: without a Range that is clear.
                answer = self._open(0, {})
        with closing(answer):
            if answer.status == 206 and not have:
                raise _refusal(self._url, self._path, "the server sends a part of the file, and was asked for all of it")
            if answer.headers.get("Content-Encoding", "identity").strip().lower() not in ("identity", ""):
                raise _refusal(self._url, self._path, "the server sends the file compressed, and was asked for it as it is")
            length = self._length(answer)
            total = note["size"] if have else length  # Whatever the rest says of its own size.
            self._require_room(total, have)
            if have == 0:
                self._part.unlink(missing_ok=True)
                kept = {name: answer.headers.get(name) for name in ("ETag", "Last-Modified")}
                write_json(self._note, {"url": self._url, "size": total, **kept})
            self._copy(answer, have, total)
        if self._size() == 0:
            raise _refusal(self._url, self._path, "the file on the server is empty")
        if total is not None and self._size() != total:
            raise _BrokenConnectionError(f"the connection ended after {megabytes(self._size())} of {megabytes(total)}")

    def _open(self, have: int, note: dict[str, Any]) -> Any:
        headers = {"User-Agent": "zen-lightning", "Accept-Encoding": "identity"}
        if have:
            headers |= {"Range": f"bytes={have}-", "If-Range": _validator(note)}
        try:
            return _OPENER.open(Request(self._url, headers=headers), timeout=self._timeout)
        except HTTPError as error:
            error.close()
            if error.code == 416 and have:  # The file has become shorter than the part.
                self._discard()
                return self._open(0, {})
            raise _refusal(self._url, self._path, f"the server answers {error.code} ({error.reason})") from error
        except (OSError, HTTPException, ValueError, OverflowError) as error:
            reason: Any = error.reason if isinstance(error, URLError) else error
            reason = reason.strerror or reason if isinstance(reason, OSError) else reason
            raise _refusal(self._url, self._path, f"no connection ({reason}){self._kept()}") from error

    def _copy(self, answer: Any, have: int, total: int | None) -> None:
        bar = LiveBar(f"downloading {self._label}", f"of {self._label}", total, have, number=megabytes, stream=sys.stderr)
        since, before = time.monotonic(), have
        with bar, self._part.open("ab") as file:
            while True:
                if (seconds := time.monotonic() - since) > _PATIENCE * self._timeout:
                    if bar.done - before < _SLOWEST * seconds:
                        raise _BrokenConnectionError(f"the server sends less than {_SLOWEST:,} bytes a second")
                    since, before = time.monotonic(), bar.done
                try:
                    chunk = answer.read1(_CHUNK) if hasattr(answer, "read1") else answer.read(_CHUNK)
                except (OSError, HTTPException) as error:
                    raise _BrokenConnectionError(f"the connection broke ({error or type(error).__name__})") from error
                if not chunk:
                    break
                most = _LARGEST if total is None else total
                if bar.done + len(chunk) > most:
                    self._part.unlink(missing_ok=True)
                    said = "does not say how large it is, and" if total is None else "announced a size, and"
                    raise _refusal(self._url, self._path, f"the server {said} sends more than {megabytes(most)}")
                file.write(chunk)
                bar.update(bar.done + len(chunk))
            file.flush()
            os.fsync(file.fileno())

    def _length(self, answer: Any) -> int | None:
        """Return the bytes that an answer announces; None where it does not say."""
        said = answer.headers.get("Content-Length")
        if said is None:
            return None
        text = str(said).strip()
        if not (text.isascii() and text.isdigit()) or len(text) > _MOST_DIGITS:
            raise _refusal(self._url, self._path, f"the server announces a size that is none (Content-Length: {text[:40]})")
        return int(text)

    def _require_room(self, total: int | None, have: int) -> None:
        free = shutil.disk_usage(self._path.parent).free
        if total is not None and total - have > free:
            sizes = f"it needs {megabytes(total - have)}, {megabytes(free)} are free"
            raise _refusal(self._url, self._path, f"there is no room for it in {self._path.parent}: {sizes}")

    def _read_note(self) -> dict[str, Any]:
        """Return the note on the part; empty where the part cannot be continued."""
        try:
            note = read_json(self._note, "it is fetched anew", _NOTE).content
        except (OSError, UserError):
            return {}
        fits = note["url"] == self._url and self._size() <= (note.get("size") or -1) and _validator(note)
        return note if fits else {}

    def _size(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0

    def _kept(self) -> str:
        there = self._size() if self._read_note() else 0
        return f"; {megabytes(there)} of it are kept, and the next attempt continues from there" if there else ""

    def _discard(self) -> None:
        for file in (self._part, self._note):
            file.unlink(missing_ok=True)


def _continues(answer: Any, have: int, note: dict[str, Any]) -> bool:
    """Whether an answer continues where the part ends; an answer with the whole file does not."""
    place = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", answer.headers.get("Content-Range", ""))
    same = all(answer.headers.get(name) in (None, note.get(name)) for name in ("ETag", "Last-Modified"))
    return answer.status == 206 and place is not None and same and (int(place[1]), int(place[2])) == (have, note["size"])


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:  # A port that is no number, a bracket that is not closed.
        return False
    if parts.scheme not in _SCHEMES or not url.isprintable() or " " in url:
        return False
    return parts.scheme == "file" or (bool(parts.hostname) and parts.username is None)


def _validator(note: dict[str, Any]) -> str:
    """Return the validator of this version of a file for ``If-Range``, which excludes weak ETags (RFC 9110, Section 13.1.5)."""
    etag = note.get("ETag") or ""
    return etag if etag and not etag.startswith("W/") else note.get("Last-Modified") or ""


def _refusal(url: str, path: Path, what: str) -> UserError:
    return UserError(f"cannot download {without_secrets(url)}: {what}. The file can also be put by hand at {path}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
