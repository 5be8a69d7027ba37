"""Files that appear whole or not at all."""

import csv
import os
import re
import stat
from pathlib import Path

import pytest

from zen_lightning.system.csv_files import read_csv, write_csv
from zen_lightning.system.files import atomic_path
from zen_lightning.system.json_files import read_json, write_json


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "result.json"
    write_json(path, {"score": 1})

    def fail_half_way() -> None:
        with atomic_path(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError("disk full")

    with pytest.raises(RuntimeError, match="disk full"):
        fail_half_way()
    assert read_json(path, "").content == {"score": 1}
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_names_the_file_that_is_meant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> tuple[int, str]:
        raise PermissionError(13, "Permission denied", str(tmp_path / ".net.x1.onnx"))

    def write() -> None:
        with atomic_path(tmp_path / "net.onnx") as temporary:
            temporary.unlink()
            temporary.read_text()

    for kind in (FileNotFoundError, PermissionError):
        with pytest.raises(kind) as error:
            write()
        assert error.value.filename == str(tmp_path / "net.onnx")
        monkeypatch.setattr("tempfile.mkstemp", refuse)


def test_folders_are_made_and_cells_quoted(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "table.csv"
    write_csv(path, ["structure", "score"], [("A(1,2)", 3.5)])
    assert path.read_text().splitlines() == ["structure,score", '"A(1,2)",3.5']


@pytest.mark.parametrize(
    "text",
    [
        *("=cmd|'/c x'!A0", '=HYPERLINK("http://x")', "@SUM(A1)", "+cmd|x", " -f(1)", "\t=f(1)", "'=f(1)", "\r\n=1"),
        *("='file:///etc/passwd'#$passwd.A1", "=A1", "+key=[1,2]", "\uff1df(1)", "a;=cmd|x", "=a; =b", "a\t-f(1)", "x\n- y"),
    ],
)
def test_no_cell_is_a_formula(text: str, tmp_path: Path) -> None:
    path = tmp_path / "classes.csv"
    plain = ["-1.5", "-1.5e-3", "-inf", "+key=value", "'quoted'", "A(1,-2)", "-name", "a=b", "a-b(c)", "a; b", ""]
    write_csv(path, ["class", text, *plain], [(text, 1.5, *plain)])
    for separator in ",;\t":  # Of a list in some languages, and in a text that is pasted.
        with path.open(newline="", encoding="utf-8") as file:
            cells = [cell for row in csv.reader(file, delimiter=separator) for cell in row]
        if separator == ",":
            assert cells[2:13] == cells[15:] == plain
            assert cells[1].replace("'", "") == text.replace("'", "")
        assert [cell for cell in cells if cell.lstrip()[:1] in ("=", "@", "\uff1d")] == []
        assert [cell for cell in cells if cell.lstrip()[:1] in ("+", "-") and re.match(r"[^,]*[(|!\[]", cell)] == []
    table = read_csv(path, "")
    assert table.columns == ["class", text, *plain]
    assert table.rows == [[text, "1.5", *plain]]


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_who_shares_a_folder_shares_its_checksums(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o2775)
    write_csv(shared / "one.csv", ["score"], [[1]])
    assert stat.S_IMODE((shared / ".sha256").stat().st_mode) == 0o2775


@pytest.mark.parametrize("through_link", [False, True])
def test_no_pipe_or_device_is_replaced(through_link: bool, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    path = tmp_path / "link" if through_link else pipe
    if through_link:
        path.symlink_to(pipe)
    with pytest.raises(OSError, match="a pipe, and must be a file"):
        write_json(path, {})
    assert pipe.is_fifo()
    assert path.is_symlink() == through_link
    assert sorted(tmp_path.iterdir()) == sorted({pipe, path})
