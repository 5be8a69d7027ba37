"""Shards to train and to validate on."""

from pathlib import Path

import pytest

from shard_files import write_shards


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_shards(tmp_path / "shards", "imagenet-train", 24)
    return write_shards(tmp_path / "shards", "imagenet-validation", 6)
