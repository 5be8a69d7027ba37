"""The notebooks as they are stored: valid, run from top to bottom, with plots, and with nothing of one machine in them."""

import json
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
MACHINE = re.compile(r"(?<![\w.~])/(?:work|home|root|tmp|usr|opt|mnt|Users|private|var)/|[A-Z]:\\\\|\.venv/")
LARGEST = 300_000

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def outputs(path: Path) -> list[Any]:
    """Return all outputs that are stored in a notebook."""
    return [output for cell in nbformat.read(path, as_version=4).cells for output in cell.get("outputs", [])]


def test_they_are_there() -> None:
    assert [path.stem[:3] for path in NOTEBOOKS] == ["01_", "02_", "03_", "04_"]


@each_notebook
def test_it_is_valid_and_small(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    nbformat.validate(notebook)
    assert path.stat().st_size < LARGEST
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


@each_notebook
def test_it_was_run_from_top_to_bottom(path: Path) -> None:
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


@each_notebook
def test_plots_are_stored(path: Path) -> None:
    images = [output for output in outputs(path) if "image/png" in output.get("data", {})]
    assert len(images) >= 2
    assert any(output.output_type == "stream" for output in outputs(path))


@each_notebook
def test_no_errors_and_no_warnings(path: Path) -> None:
    assert not [output for output in outputs(path) if output.output_type == "error"]
    assert not [output for output in outputs(path) if output.output_type == "stream" and output.name != "stdout"]


@each_notebook
def test_nothing_of_one_machine(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    without_images = re.sub(r'"image/png": "[^"]*"', "", text)
    assert not MACHINE.findall(without_images)
    assert MACHINE.search("a file /home/me/x")
    assert MACHINE.search("from /tmp/abc/search")
