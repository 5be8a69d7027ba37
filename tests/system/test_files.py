"""Files that appear whole or not at all."""

import csv
import os
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


def test_folders_are_made_and_cells_quoted(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "table.csv"
    write_csv(path, ["structure", "score"], [("A(1,2)", 3.5)])
    assert path.read_text().splitlines() == ["structure,score", '"A(1,2)",3.5']


@pytest.mark.parametrize(
    "text", ["=cmd|'/c x'!A0", '=HYPERLINK("http://x")', "@SUM(A1)", "+cmd|x", " -f(1)", "\t=f(1)", "'=f(1)"]
)
def test_no_cell_is_a_formula(text: str, tmp_path: Path) -> None:
    path = tmp_path / "classes.csv"
    write_csv(path, ["class", text], [(text, -1.5), ("-1.5", "+key=value"), ("'quoted'", "A(1,-2)")])
    with path.open(newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert cells == ["class", f"'{text}", f"'{text}", "-1.5", "-1.5", "+key=value", "'quoted'", "A(1,-2)"]
    table = read_csv(path, "")
    assert table.columns == ["class", text]
    assert table.rows == [[text, "-1.5"], ["-1.5", "+key=value"], ["'quoted'", "A(1,-2)"]]


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
