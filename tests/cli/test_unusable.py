"""What the system says of a path names the key that the path was given to."""

import errno
import os
import sys
from pathlib import Path

import pytest

from command_line import Zen
from zen_lightning.cli.unusable import unusable_value


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/data/net.txt", "arch=/data/net.txt: Is a directory"),
        ("profiles/laptop.json", "latency.profile=laptop: profiles/laptop.json: Is a directory"),
        ("/data/pets/cat/1.png", "dataset.root=/data/pets: /data/pets/cat/1.png: Is a directory"),
        ("/elsewhere/x", "cannot use /elsewhere/x: Is a directory"),
        ("outputs/search/x", "output_dir=outputs/search/x: Is a directory"),
        ("/elsewhere/outputs/x", "cannot use /elsewhere/outputs/x: Is a directory"),
    ],
)
def test_the_key_is_the_one_whose_value_is_in_the_path(path: str, said: str) -> None:
    overrides = ["task=train", "arch=/data/net.txt", "latency.profile=laptop", "dataset.root=/data/pets", "seed=1", "limit=els"]
    error = IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    assert str(unusable_value(error, overrides)) == said


@pytest.mark.parametrize("words", [("task=train", "arch="), ("search=zen", "start="), ("search=zen", "resume=")])
def test_a_name_that_is_too_long(zen: Zen, words: tuple[str, str], tmp_path: Path) -> None:
    *task, key = words
    ended = zen(*task, key + "x" * 5000, f"output_dir={tmp_path / 'run'}")
    assert ended.code == 2
    assert ended.err.startswith(f"error: {key}xxx")
    assert ended.err.rstrip().endswith("File name too long")
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize("key", ["search.name", "experiment", "logger"])
def test_a_value_that_becomes_part_of_a_name(zen: Zen, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ended = zen("search=zen", "budget=params1M", f"{key}={'x' * 5000}", "task=validate")
    assert ended.code != 0
    assert f"{key}=xxx" in ended.out + ended.err
    assert "File name too long" in ended.out + ended.err
    assert "Errno" not in ended.out + ended.err


def test_what_cannot_be_printed_is_no_file() -> None:
    """A terminal or pipe that another process has set not to block meanwhile."""
    error = BlockingIOError(errno.EAGAIN, "write could not complete without blocking", 12)
    assert str(unusable_value(error, [])).startswith("nothing can be printed: the pipe or terminal is full")


@pytest.mark.skipif(sys.platform != "linux", reason="descriptors have no names elsewhere")
@pytest.mark.parametrize("which", ["restart-00.jsonl", "result.json"])
def test_a_disk_that_fails_during_a_search(zen: Zen, which: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading and writing what is open raise errors that name no file, as the one of a network drive that is gone."""
    real = os.fsync

    def fails(number: int) -> None:
        if Path(os.readlink(f"/proc/self/fd/{number}")).name.strip(".").startswith(which.partition(".")[0]):
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        real(number)

    monkeypatch.setattr(os, "fsync", fails)
    search = ("search=zen", "budget=params1M", "search.population_size=8", "search.iterations=20", "search.finalists=0")
    ended = zen(*search, f"output_dir={tmp_path / 'run'}")
    assert ended.code == 2
    assert "Error executing job" not in ended.err
    said = ended.err.splitlines()[-1]
    assert os.strerror(errno.ESTALE) in said
    assert which in said
    assert f"continue with resume={tmp_path / 'run'}" in said
    monkeypatch.undo()
    assert zen(f"resume={tmp_path / 'run'}").code == 0
