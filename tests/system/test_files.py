"""Files that appear whole or not at all."""

from pathlib import Path

import pytest

from zen_lightning.system.csv_files import write_csv
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
