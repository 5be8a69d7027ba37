"""The file of a sweep, which may be of somebody else."""

import json
from pathlib import Path

import pytest

from zen_lightning.errors import UserError
from zen_lightning.runs.sweep_file import SWEEP, read_sweep


@pytest.mark.parametrize("folder", ["../../elsewhere", "/elsewhere", "0/../../elsewhere"])
def test_the_folder_of_a_job_is_below_that_of_its_sweep(tmp_path: Path, folder: str) -> None:
    job = {"job": 0, "overrides": ["seed=1"], "folder": folder, "state": "killed"}
    (tmp_path / SWEEP).write_text(json.dumps({"command": ["-m", "seed=1,2"], "jobs": [job]}))
    with pytest.raises(UserError, match="no folder below that of the sweep"):
        read_sweep(tmp_path)


def test_a_folder_below_is_taken(tmp_path: Path) -> None:
    job = {"job": 0, "overrides": ["seed=1"], "folder": "a/0-seed=1", "state": "killed"}
    (tmp_path / SWEEP).write_text(json.dumps({"command": ["-m", "seed=1,2"], "jobs": [job]}))
    found = read_sweep(tmp_path)
    assert found is not None
    assert found["jobs"][0]["folder"] == "a/0-seed=1"
