"""What tests of several sources of images use."""

from pathlib import Path

import pytest

from dataset_files import write_folder
from zen_lightning.data import verification
from zen_lightning.data.decode import Reading

Reads = list[str]


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_folder(tmp_path / "images" / "train", each=4)
    write_folder(tmp_path / "images" / "val", each=2)
    return tmp_path / "images"


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    """The files that were verified."""
    found: Reads = []
    original = verification.verdict_of

    def noted(path: str, reading: Reading) -> tuple[int, str | None]:
        found.append(path)
        return original(path, reading)

    monkeypatch.setattr(verification, "verdict_of", noted)
    return found
