"""Tables that would take all memory."""

from pathlib import Path

import pytest

from zen_lightning.errors import UserError
from zen_lightning.system import csv_files
from zen_lightning.system.csv_files import read_csv, write_csv


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    write_csv(path, ["a", "b"], [["1", "x\ny"], ["2", "z"]])
    found = read_csv(path, "run it again", ("a",))
    assert (found.columns, found.rows, found.checked) == (["a", "b"], [["1", "x\ny"], ["2", "z"]], True)


def test_many_fields_long_lines_and_large_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "one.csv"
    path.write_text("a,b\n" + "1,1\n" * 1000)
    monkeypatch.setattr(csv_files, "_MOST_CELLS", 1000)
    with pytest.raises(UserError, match=r"one\.csv has more than 1,000 fields: run it again"):
        read_csv(path, "run it again")
    path.write_text("a,b\n1,1\n" + "1," * 2000)
    monkeypatch.setattr(csv_files, "_LONGEST_LINE", 1000)
    with pytest.raises(UserError, match=r"one\.csv, line 3: it has more than 1,000 characters"):
        read_csv(path, "run it again")
    with path.open("ab") as file:
        file.truncate(20 * 10**9)  # A hole, which takes no room.
    with pytest.raises(UserError, match=r"one\.csv is larger than 1024 MiB"):
        read_csv(path, "run it again")
