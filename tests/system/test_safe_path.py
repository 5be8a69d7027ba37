"""A command that is given in a folder of somebody else runs no module that lies there."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from zen_lightning.errors import UserError
from zen_lightning.system.own_modules import PLACE, note_directory
from zen_lightning.system.safe_path import leave_directory_out

ROOT = Path(__file__).parents[2]
VARIABLES = ("PYTHONSAFEPATH", "ZEN_LIGHTNING_SAFE_PATH")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory, and none of the variables."""
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


def test_processes_import_nothing_from_the_working_directory(tmp_path: Path) -> None:
    (tmp_path / "socket.py").write_text("print('theirs')")
    began = [sys.executable, "-c", "import socket"]
    assert subprocess.run(began, capture_output=True, text=True, check=True).stdout == "theirs\n"
    leave_directory_out()
    assert subprocess.run(began, capture_output=True, text=True, check=True).stdout == ""


@pytest.mark.parametrize("place", ["", "."])
def test_where_this_process_does_they_do(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.syspath_prepend(place)
    leave_directory_out()
    assert not any(name in os.environ for name in VARIABLES)


def test_what_the_user_says_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONSAFEPATH", "")
    leave_directory_out()
    assert os.environ["PYTHONSAFEPATH"] == ""
    assert "ZEN_LIGHTNING_SAFE_PATH" not in os.environ


def test_a_script_that_is_started_again_finds_what_lies_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "scripts"
    place.mkdir()
    (place / "beside.py").write_text("print('found')")
    script = place / "run.py"
    script.write_text("from zen_lightning.system.safe_path import leave_directory_out\nleave_directory_out()\nimport beside\n")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    leave_directory_out()
    assert os.environ["PYTHONSAFEPATH"] == "1"
    assert subprocess.run([sys.executable, script], capture_output=True, text=True, check=True).stdout == "found\n"


def test_a_module_that_is_started_again_does_not_look_beside_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the modules of this package would stand for others of their names."""
    place = tmp_path / "installed" / "package"
    place.mkdir(parents=True)
    (place / "beside.py").write_text("")
    began = "from zen_lightning.system.safe_path import leave_directory_out\nleave_directory_out()\n"
    (place / "__main__.py").write_text(f"{began}from importlib.util import find_spec\nprint(find_spec('beside'))\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT / "src"), str(place.parent)]))
    leave_directory_out()
    assert os.environ["PYTHONSAFEPATH"] == "1"
    done = subprocess.run([sys.executable, "-m", "package"], capture_output=True, text=True, check=True)
    assert done.stdout == "None\n"


@pytest.mark.long
def test_workers_start_in_a_folder_of_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("multiprocessing", "socket", "pickle"):
        (tmp_path / f"{name}.py").write_text("open('mark', 'w')\nraise ImportError\n")
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    words = ["search=naswot", "budget=params1M", "search.population_size=8", "search.finalists=0", "search.iterations=8",
             "proxy.resolution=8", "proxy.batch_size=2", "workers=2", "output_dir=out"]  # fmt: skip
    done = subprocess.run([sys.executable, ROOT / "run.py", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "mark").exists()


def test_a_working_directory_that_was_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    leave_directory_out()
    assert not set(VARIABLES) & set(os.environ)
    monkeypatch.delenv(PLACE, raising=False)
    with pytest.raises(UserError, match=r"^the working directory was deleted: change to another, and start again"):
        note_directory()
