"""What stands in the place of a file, in everything that reads one."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from zen_lightning.config.sources import load_config_file
from zen_lightning.errors import UserError
from zen_lightning.launch.job import _output_to
from zen_lightning.runs.hydra_record import HydraRecord
from zen_lightning.runs.run_folder import read_rows
from zen_lightning.runs.stages_file import read_stages_asked
from zen_lightning.runs.sweep_file import read_sweep
from zen_lightning.search.journal import SearchJournal
from zen_lightning.system.checksums import check_beside
from zen_lightning.system.csv_files import read_csv
from zen_lightning.system.json_files import read_json
from zen_lightning.system.locks import lock_file
from zen_lightning.system.ordinary_file import holds_file, other_than_file, require_file
from zen_lightning.system.yaml_files import read_yaml
from zen_lightning.tasks.many.tune_study import mend
from zen_lightning.tracking.run_ids import read_run_id


def _guarded(path: Path) -> None:
    path.write_text("a\n1\n")
    check_beside(path, "run it again")


READERS: dict[str, Callable[[Path], object]] = {
    "one.json": lambda path: read_json(path, "run it again"),
    "one.csv": lambda path: read_csv(path, "run it again"),
    "history.csv": read_rows,
    "one.yaml": read_yaml,
    ".hydra/config.yaml": lambda path: HydraRecord(path.parents[1]).settings,
    "stages.json": lambda path: read_stages_asked(path.parent),
    "sweep.json": lambda path: read_sweep(path.parent),
    "one.jsonl": lambda path: SearchJournal(path, {"seed": 0}),
    "journal/study.log": lambda path: mend(path.parents[1]),
    ".sha256/one.csv": lambda path: _guarded(path.parents[1] / "one.csv"),
    "wandb_run_id.txt": lambda path: read_run_id(path.parent, "wandb"),
    ".lock": lambda path: lock_file(path),
    "job.log": lambda path: _output_to(path).__enter__(),
    "conf/task/mine.yaml": load_config_file,
}
PLACED: dict[str, tuple[Callable[[Path], None], str]] = {
    "folder": (Path.mkdir, "is a folder, and must be a file"),
    "pipe": (os.mkfifo, "is a pipe, and must be a file"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "is a device, and must be a file"),
    "loop": (lambda path: path.symlink_to(path.name), "is a link to itself, and must be a file"),
    "dangling": (lambda path: path.symlink_to("nothing"), "is a link to what is not there, and must be a file"),
}


@pytest.mark.parametrize("placed", PLACED)
@pytest.mark.parametrize("name", READERS)
def test_what_is_no_file_is_neither_waited_for_nor_passed_over(tmp_path: Path, name: str, placed: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    put, message = PLACED[placed]
    put(path)
    caught: list[BaseException] = []

    def read() -> None:
        try:
            READERS[name](path)
        except BaseException as error:
            caught.append(error)

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    reading.join(20)
    assert not reading.is_alive()
    assert [type(error) for error in caught] == [UserError]
    assert f"{path} {message}" in str(caught[0])


def test_what_is_missing_and_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to("file")
    assert [holds_file(tmp_path / name) for name in ("file", "link", "none", "file/none")] == [True, True, False, False]
    assert read_rows(tmp_path / "none.csv") == []


@pytest.mark.parametrize("name", ["one.txt", ".lock", ".sha256/one.csv"])
def test_what_another_process_removes_between_two_looks_is_not_there(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    looked = []

    def removed(seen: Path) -> str | None:
        looked.append(seen)
        found = other_than_file(seen)
        seen.unlink(missing_ok=True)
        return found

    monkeypatch.setattr("zen_lightning.system.ordinary_file.other_than_file", removed)
    if name == ".lock":
        lock_file(path).close()
        assert path.exists()  # It is made anew.
    elif name == "one.txt":
        assert not holds_file(path)
    else:
        (tmp_path / "one.csv").write_text("a\n1\n")
        assert not check_beside(tmp_path / "one.csv", "run it again")
    assert looked[0] == path


def test_checksums_that_are_removed_before_they_are_read_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "one.csv").write_text("a\n1\n")
    monkeypatch.setattr("zen_lightning.system.checksums.holds_file", lambda path, largest=0: True)
    assert not check_beside(tmp_path / "one.csv", "run it again")


@pytest.mark.parametrize(("place", "what"), [("/dev/null", "a device"), ("/", "a folder")])
def test_a_file_is_required(place: str, what: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=f"{what}, and must be a file"):
        require_file(place)
    with pytest.raises(FileNotFoundError):
        require_file(tmp_path / "missing")
    (tmp_path / "there").write_bytes(b"four")
    assert require_file(tmp_path / "there").st_size == 4


def test_files_that_are_larger_than_any_are_refused(tmp_path: Path) -> None:
    (tmp_path / ".sha256").mkdir()
    for path, read in (
        (tmp_path / "wandb_run_id.txt", lambda: read_run_id(tmp_path, "wandb")),
        (tmp_path / ".sha256" / "one.csv", lambda: _guarded(tmp_path / "one.csv")),
    ):
        path.touch()
        os.truncate(path, 20 * 10**9)  # A hole, which takes no room.
        with pytest.raises(UserError, match=rf"{path.name} is larger than"):
            read()
    os.truncate(tmp_path / "wandb_run_id.txt", 0)
    assert read_run_id(tmp_path, "wandb") is None
    (tmp_path / "wandb_run_id.txt").write_bytes(b"\xff")
    with pytest.raises(UserError, match=r"wandb_run_id\.txt is damaged: it is no UTF-8 text: delete it"):
        read_run_id(tmp_path, "wandb")
