"""One index of a folder for many processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from dataset_files import write_folder, write_image
from zen_lightning.data import ImageFolder, shared_index, verification
from zen_lightning.data.folder_index import carried_over, list_folder
from zen_lightning.data.index_file import CORRUPT, SOUND, UNKNOWN, cache_folder, cache_path, read_index, write_index
from zen_lightning.data.launch_time import launched_since
from zen_lightning.data.shared_index import SharedIndex

CLASSES = ("cat", "dog")


@pytest.fixture(autouse=True)
def _own_cache(cache: Path) -> None:
    """Keep indexes in a folder of the test."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_folder(tmp_path / "images", each=4)
    return tmp_path / "images"


def test_an_index_is_read_as_it_was_written(folder: Path, tmp_path: Path) -> None:
    index = list_folder(folder, CLASSES)
    verdicts = np.array([SOUND, CORRUPT] * 4, dtype=np.uint8)
    index = index._replace(verdicts=verdicts, reasons={1: "truncated", 3: "größe"})
    write_index(tmp_path / "some.index", index)
    again = read_index(tmp_path / "some.index")
    assert again is not None
    assert again.reasons == index.reasons
    for one, other in zip(index[:-1], again[:-1], strict=True):
        assert np.array_equal(one, other)  # type: ignore[arg-type]
        assert isinstance(other, np.memmap)


def test_verdicts_are_carried_over_where_files_are_as_they_were(folder: Path) -> None:
    old = list_folder(folder, CLASSES)
    assert (len(old.ends), old.labels.tolist()) == (8, [0] * 4 + [1] * 4)
    old = old._replace(verdicts=np.array([SOUND, CORRUPT] * 4, dtype=np.uint8), reasons={at: str(at) for at in (1, 3, 5, 7)})
    (folder / "cat" / "000.png").unlink()
    write_image(folder / "cat" / "002.png", seed=50, size=(30, 30))
    write_image(folder / "dog" / "0005.png")
    new = carried_over(old, list_folder(folder, CLASSES))
    # cat 001, 002 (changed), 003; dog 000, 0005 (new), 001, 002, 003.
    assert new.verdicts.tolist() == [CORRUPT, UNKNOWN, CORRUPT, SOUND, UNKNOWN, CORRUPT, SOUND, CORRUPT]
    assert new.reasons == {0: "1", 2: "3", 5: "5", 7: "7"}
    assert (carried_over(old._replace(verdicts=old.verdicts * 0), old).verdicts == UNKNOWN).all()


def test_the_processes_of_a_training_list_and_read_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOCAL_RANK", "1")
    monkeypatch.setattr(shared_index, "launched_since", lambda: began)
    began = time.time() - 1
    first = SharedIndex(folder, CLASSES).checked()
    assert (first.verdicts == SOUND).all()
    monkeypatch.setattr(shared_index, "list_folder", None)
    monkeypatch.setattr(verification, "verdict_of", None)
    second = SharedIndex(folder, CLASSES).checked()
    assert np.array_equal(first.content, second.content)
    assert isinstance(second.content, np.memmap)
    began = time.time() + 1  # A later run.
    with pytest.raises(TypeError):
        SharedIndex(folder, CLASSES).checked()


def test_a_run_begins_with_the_process_that_starts_its_processes() -> None:
    now = time.time()
    assert now <= launched_since({}) <= time.time()
    for variable in ("LOCAL_RANK", "SLURM_PROCID"):
        assert launched_since({variable: "1"}) < now
    code = "from zen_lightning.data.launch_time import launched_since; print(launched_since({'LOCAL_RANK': '1'}))"
    done = subprocess.run(["sh", "-c", f'{sys.executable} -c "{code}"; true'], capture_output=True, text=True, check=True)
    assert now - 4 < float(done.stdout) < time.time()  # The start of the shell.


def test_another_choice_of_classes_has_an_index_of_its_own(folder: Path) -> None:
    one, other = SharedIndex(folder, CLASSES), SharedIndex(folder, ("dog",))
    assert one.path != other.path
    assert (len(one.listed().ends), len(other.listed().ends)) == (8, 4)


CHECK = """
import sys, time
from zen_lightning.data import ImageFolder, verification
original = verification.verdict_of
def slow(path, reading):
    print("read", flush=True)
    time.sleep(0.05)
    return original(path, reading)
verification.verdict_of = slow
ImageFolder(sys.argv[1], mean=[0, 0, 0], std=[1, 1, 1]).prepare()
"""


def test_sigterm_keeps_what_was_checked(tmp_path: Path) -> None:
    write_folder(tmp_path / "many", each=200)
    environment = {**os.environ, "ZEN_LIGHTNING_CORES": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", CHECK, str(tmp_path / "many")], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    )
    assert process.stdout is not None
    for _ in range(25):
        assert process.stdout.readline() == b"read\n"
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
    index = read_index(cache_path(tmp_path / "many", *CLASSES, suffix=".index"))
    assert index is not None
    assert 5 < int((index.verdicts == SOUND).sum()) < 100
    assert set(index.verdicts.tolist()) == {UNKNOWN, SOUND}


def test_ranks_that_start_together_read_every_file_once(folder: Path) -> None:
    environment = {**os.environ, "WORLD_SIZE": "3"}
    command = [sys.executable, "-c", CHECK, str(folder)]
    ranks = [
        subprocess.Popen(command, stdout=subprocess.PIPE, env={**environment, "RANK": str(rank), "LOCAL_RANK": str(rank)})
        for rank in range(3)
    ]
    reads = [rank.communicate(timeout=120)[0].count(b"read") for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0, 0]
    assert sorted(reads) == [0, 0, 8]
    assert not list(cache_folder().glob("*.lock"))


def test_a_source_maps_the_index_into_its_memory(folder: Path) -> None:
    source = ImageFolder(str(folder))
    source.prepare()
    assert all(isinstance(index.listed().content, np.memmap) for _, index in source._indexes)
