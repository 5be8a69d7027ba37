"""Files that are small on the disk, or quickly made, and take all memory where they are read whole."""

import gzip
import os
import struct
import zipfile
from collections.abc import Collection, Iterator
from pathlib import Path

_HUGE = 20 * 10**9
_LINE = 2**30
_MANY_JSON = 31 * 2**20
_VALUES = 2**21 - 2**10
_MANY_CSV = 50 * 10**6
"""Bytes: of what would be unpacked; of a line; of what becomes many objects, of JSON just below the 32 MiB that are read. And
values just below those that are read."""

_CHUNK = 1 << 24

BOMBS = {
    "sound, then 20 GB of zeros": "",
    "20 GB of zeros": "zeros",
    "a line of text of 1 GB": "text",
    "a line of CSV of 1 GB": "csv",
    "a line of JSON of 1 GB": "json",
    "31 MiB of JSON, as many objects": "objects.json",
    "31 MiB of JSON, as many values as are read": "values.json",
    "50 MB of CSV, as many cells": "cells.csv",
    "brackets a million levels deep": "deep.json",
    "keys a million levels deep": "keys.json",
    "20 GB in gzip": "zeros.gz",
    "20 GB in zip": "zeros.zip",
    "20 GB declared by NumPy": "zeros.npy",
    "20 GB declared by safetensors": "zeros.safetensors",
    "a header of 20 GB by safetensors": "header.safetensors",
    "20 GB in a member of tar": "zeros.tar",
}
"""The name of each file."""


def make_bombs(folder: Path, wanted: Collection[str]) -> None:
    """Make files of :data:`BOMBS` in a new folder."""
    folder.mkdir()
    for name, file in BOMBS.items():
        if file and name in wanted:
            _MADE[file](folder / file)


def _repeated(path: Path, before: bytes, unit: bytes, size: int, after: bytes = b"") -> None:
    chunk = unit * (_CHUNK // len(unit))
    times, rest = divmod(size // len(unit) * len(unit), len(chunk))
    with path.open("wb") as file:
        file.write(before)
        for _ in range(times):
            file.write(chunk)
        file.write(chunk[:rest])
        file.write(after)


def _with_holes(path: Path, head: bytes, size: int) -> None:
    path.write_bytes(head)
    os.truncate(path, len(head) + size)


def _zipped(path: Path) -> None:
    """Write 20 GB of zeros as members of a zip, as a checkpoint of PyTorch has them."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in ("archive/data.pkl", "archive/data/0", "archive/version"):
            with archive.open(name, "w", force_zip64=True) as member:
                for part in _zeros(_HUGE // 20 if name != "archive/data/0" else _HUGE // 10):
                    member.write(part)


def _zeros(size: int) -> Iterator[bytes]:
    chunk = bytes(_CHUNK)
    for _ in range(size // _CHUNK):
        yield chunk


def _gzipped(path: Path) -> None:
    """Write 20 GB of zeros as 20 members of gzip, which are unpacked as one file."""
    member = gzip.compress(bytes(10**9 // 4), compresslevel=1)
    with path.open("wb") as file:
        for _ in range(_HUGE // (10**9 // 4)):
            file.write(member)


def _numpy(path: Path) -> None:
    head = f"{{'descr': '<i8', 'fortran_order': False, 'shape': ({_HUGE // 32}, 4), }}".ljust(117) + "\n"
    _with_holes(path, b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode(), _HUGE)


def _safetensors(path: Path) -> None:
    head = f'{{"weight":{{"dtype":"F32","shape":[{_HUGE // 4}],"data_offsets":[0,{_HUGE}]}}}}'.encode()
    _with_holes(path, struct.pack("<Q", len(head)) + head, _HUGE)


def _tar(path: Path) -> None:
    """Write a shard whose label has 20 GB."""
    import tarfile

    info = tarfile.TarInfo("0.cls")
    info.size = _HUGE // 512 * 512
    with path.open("wb") as file:
        file.write(info.tobuf(tarfile.GNU_FORMAT))
        file.truncate(512 + info.size + 1024)


_MADE = {
    "zeros": lambda path: _with_holes(path, b"", _HUGE),
    "text": lambda path: _repeated(path, b"", b"x", _LINE),
    "csv": lambda path: _repeated(path, b"architecture,top1\n", b"1,", _LINE),
    "json": lambda path: _repeated(path, b'{"a":"', b"x", _LINE, b'"}\n'),
    "objects.json": lambda path: _repeated(path, b'{"a":[', b"[],", _MANY_JSON, b"0]}\n"),
    "values.json": lambda path: _repeated(
        path, b'{"a":[', b'{"b":1},', 4 * _VALUES, b'"%b"],"sha256":"0"}\n' % (b"x" * (_MANY_JSON - 4 * _VALUES))
    ),
    "cells.csv": lambda path: _repeated(path, b"architecture,top1\n", b"1,1\n", _MANY_CSV),
    "deep.json": lambda path: _repeated(path, b"", b"[", 10**6),
    "keys.json": lambda path: _repeated(path, b"", b'{"a":', 5 * 10**6),
    "zeros.gz": _gzipped,
    "zeros.zip": _zipped,
    "zeros.npy": _numpy,
    "zeros.safetensors": _safetensors,
    "header.safetensors": lambda path: _with_holes(path, struct.pack("<Q", _HUGE) + b"{", _HUGE),
    "zeros.tar": _tar,
}
