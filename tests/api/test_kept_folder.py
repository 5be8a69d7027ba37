"""Where a function keeps the files of its run."""

from pathlib import Path

import pytest

from zen_lightning.api.kept_folder import kept_folder


def test_a_folder_that_is_asked_for_is_made_and_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for _ in range(2):
        with kept_folder("~/runs/first") as place:
            (place / "file").touch()
    assert place == tmp_path / "runs" / "first"
    assert (place / "file").is_file()


def test_without_one_nothing_is_left() -> None:
    with kept_folder(None) as place:
        (place / "file").touch()
    assert not place.exists()
