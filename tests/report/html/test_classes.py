"""The sections of a report on classes."""

from pathlib import Path

import numpy as np
import pytest

from zen_lightning.api.class_files import class_content, write_class_files
from zen_lightning.report.html.classes import classes
from zen_lightning.runs.run_folder import RunFolder, read_rows
from zen_lightning.training.validation_details import ValidationDetails


def run_of(folder: Path, count: int) -> RunFolder:
    confusion = np.eye(count, dtype=np.int64) * 8
    confusion[0, 1] = 2
    confusion[2] = 0
    sums = np.zeros((15, 3))
    sums[-1] = [confusion.sum(), 0.97 * confusion.sum(), confusion.diagonal().sum()]
    details = ValidationDetails(confusion, sums)
    names = [f"<{number}>" for number in range(count)]
    write_class_files(folder, details, names, "a test")
    return RunFolder(folder, "evaluate", class_content(details, names))


@pytest.mark.parametrize("count", [4, 120])
def test_worst_first_and_classes_without_images_last(tmp_path: Path, count: int) -> None:
    found = {section.name: section.body for section in classes(run_of(tmp_path, count))}
    assert list(found) == ["classes", "confusion", "calibration"]
    rows = found["classes"].split("<tbody>")[1].split("</tr>")
    assert "&lt;0&gt;" in rows[0]
    assert "80.00%" in rows[0]
    assert "no images" in rows[count - 1]
    assert "data-sortable" in found["classes"]
    assert ("matrix" in found["confusion"]) == (count == 4)
    assert "No validation images, and so no accuracy, of &lt;2&gt;" in found["classes"]


def test_the_files(tmp_path: Path) -> None:
    run_of(tmp_path, 4)
    rows = read_rows(tmp_path / "per_class.csv")
    assert [row["top1"] for row in rows] == ["80.0000", "100.0000", "", "100.0000"]
    assert [row["note"] for row in rows] == ["", "", "no images", ""]
    assert rows[0]["taken_for"] == "<1>"
    matrix = read_rows(tmp_path / "confusion.csv")
    assert [int(matrix[0][f"<{at}>"]) for at in range(4)] == [8, 2, 0, 0]
    assert read_rows(tmp_path / "confused_pairs.csv") == [
        {"true": "<0>", "predicted": "<1>", "images": "2", "share": "20.0000"}
    ]
    assert len(read_rows(tmp_path / "calibration.csv")) == 15


def test_other_runs_have_none_of_it(tmp_path: Path) -> None:
    assert classes(RunFolder(tmp_path, "train", {})) == []


@pytest.mark.parametrize("task", ["evaluate", "train"])
def test_the_pace_is_that_of_a_validation(tmp_path: Path, task: str) -> None:
    run = run_of(tmp_path, 4)
    told = classes(RunFolder(tmp_path, task, {**run.result, "images_per_second": 2281.0}))[0].body
    assert ("2,281" in told) == (task == "evaluate")
