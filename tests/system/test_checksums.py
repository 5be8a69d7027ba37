"""Checksums: every damaged file is refused, whatever was hit; those of earlier releases are read."""

import importlib
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest

from zen_lightning.errors import UserError
from zen_lightning.system.checksums import check_beside, file_digest
from zen_lightning.system.csv_files import read_csv, write_csv
from zen_lightning.system.files import atomic_path, keep
from zen_lightning.system.json_files import read_json, write_json

CONTENT = {"task": "search", "score": 118.75, "seed": 3, "names": ["a", "ü"], "nested": {"on": True, "none": None}}


def flipped(content: bytes, bit: int) -> bytes:
    damaged = bytearray(content)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def test_every_flipped_bit_of_a_json_file_is_noticed_or_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    write_json(path, CONTENT)
    sound = path.read_bytes()
    assert read_json(path, "run it again") == (CONTENT, True)
    silent = []
    for bit in range(8 * len(sound)):
        path.write_bytes(flipped(sound, bit))
        try:
            found = read_json(path, "run it again").content
        except UserError:
            continue
        if {key: found.get(key) for key in CONTENT} != CONTENT:
            silent.append(bit)
    assert silent == []


def test_the_order_of_keys_and_the_layout_may_change(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    write_json(path, CONTENT)
    whole = json.loads(path.read_text())
    path.write_text(json.dumps(dict(reversed(whole.items()))))
    assert read_json(path, "run it again") == (CONTENT, True)


def test_a_field_changed_by_hand_is_refused_until_the_checksum_is_taken_out(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    write_json(path, CONTENT)
    whole = json.loads(path.read_text())
    path.write_text(json.dumps({**whole, "seed": 4}))
    with pytest.raises(UserError, match=r"result\.json is damaged.*run it again; where you changed it.*\"sha256\" out"):
        read_json(path, "run it again")
    del whole["sha256"]
    path.write_text(json.dumps({**whole, "seed": 4}))
    assert read_json(path, "run it again") == ({**CONTENT, "seed": 4}, False)


def test_every_damage_to_a_table_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "history.csv"
    write_csv(path, ["epoch", "loss"], [[1, 0.5], [2, 0.25], [3, 0.125]])
    sound, lines = path.read_bytes(), path.read_bytes().splitlines(keepends=True)
    assert read_csv(path, "run it again").rows == [["1", "0.5"], ["2", "0.25"], ["3", "0.125"]]
    damaged = [flipped(sound, bit) for bit in range(8 * len(sound))]
    damaged += [sound[:end] for end in range(len(sound))]
    damaged += [b"".join(lines[:at] + lines[at + 1 :]) for at in range(len(lines))]
    damaged += [b"".join([*lines[:at], lines[at], *lines[at:]]) for at in range(len(lines))]
    damaged += [b"".join([*lines[:1], *random.Random(1).sample(lines[1:], 3)])]
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(UserError, match=r"history\.csv is damaged"):
            read_csv(path, "run it again")
    (tmp_path / ".sha256" / "history.csv").unlink()
    assert not read_csv(path, "run it again").checked


def test_a_kill_between_checksum_and_file_leaves_the_earlier_file_valid(tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    for text in ("first", "second"):
        with atomic_path(path, checksum=True) as temporary:
            temporary.write_text(text)
    fresh = tmp_path / "fresh"
    fresh.write_text("third")
    keep(fresh, path)  # And then a kill.
    assert (path.read_text(), check_beside(path, "")) == ("second", True)
    fresh.replace(path)
    assert check_beside(path, "")
    path.write_text("another")
    with pytest.raises(UserError, match=r"delete .*\.sha256/last\.ckpt"):
        check_beside(path, "train again")


def test_a_file_that_another_program_may_have_written_anew_is_not_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    with atomic_path(path, checksum=True) as temporary:
        temporary.write_text("abc")
    path.write_text("abcd")
    said = r"is not as it was written \(.*\): if another program .* delete .*\.sha256/model\.onnx; if none has, it is damaged"
    with pytest.raises(UserError, match=said):
        check_beside(path, "export it again", is_for_others=True)
    (tmp_path / ".sha256" / "model.onnx").unlink()
    assert not check_beside(path, "export it again", is_for_others=True)


def test_the_checksum_is_what_sha256sum_writes(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "last.ckpt", checksum=True) as temporary:
        temporary.write_text("abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, Appendix B.1.
    assert (tmp_path / ".sha256" / "last.ckpt").read_text() == f"# bytes: 3\n{known}  last.ckpt\n"


def test_a_file_of_another_size_is_not_read_to_find_that_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "last.ckpt"
    with atomic_path(path, checksum=True) as temporary:
        temporary.write_text("abc")
    os.truncate(path, 20 * 10**9)  # A hole, which takes no room.

    def never(*_: object) -> None:
        raise AssertionError("it is read")

    monkeypatch.setattr("hashlib.file_digest", never)
    with pytest.raises(UserError, match=r"last\.ckpt is damaged"):
        check_beside(path, "train again")


def test_checksums_of_earlier_releases_have_no_size(tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    path.write_text("abc")
    (tmp_path / ".sha256").mkdir()
    (tmp_path / ".sha256" / "last.ckpt").write_text(f"{file_digest(path)}  last.ckpt\n")
    assert check_beside(path, "train again")
    path.write_text("abd")
    with pytest.raises(UserError, match=r"last\.ckpt is damaged"):
        check_beside(path, "train again")


@pytest.mark.parametrize("moment", ["zen_lightning.system.checksums._fits", "os.fstat", "hashlib.file_digest"])
def test_a_file_that_is_replaced_while_it_is_checked_is_not_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    path = tmp_path / "last.ckpt"

    def write(text: str) -> None:
        with atomic_path(path, checksum=True) as temporary:
            temporary.write_text(text)

    module, _, name = moment.rpartition(".")
    real = getattr(importlib.import_module(module), name)

    def replaced(*arguments: Any) -> Any:
        monkeypatch.setattr(moment, real)
        for number in range(5):  # More than the checksums that are kept.
            write(f"epoch {number}, longer each time: {'x' * number}")
        return real(*arguments)

    write("first")
    monkeypatch.setattr(moment, replaced)
    assert check_beside(path, "train again")
