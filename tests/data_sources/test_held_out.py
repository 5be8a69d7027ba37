"""A share of the images is held out, or all of them are for an evaluation."""

from pathlib import Path

import numpy as np
import pytest

from zen_lightning.data.held_out import HeldOut
from zen_lightning.data.split import stratified_split

LABELS = np.array([0] * 10 + [1] * 20)


def test_a_share_is_that_of_the_split() -> None:
    for found, wanted in zip(HeldOut(0.3, 5).split(LABELS), stratified_split(LABELS, 0.3, 5), strict=True):
        assert found.tolist() == wanted.tolist()


def test_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train, val = HeldOut(1.0, 0).split(LABELS)
    assert (train.tolist(), val.tolist()) == ([], list(range(30)))
    HeldOut(1.0, 0).tell(tmp_path, "folder", len(train), len(val))
    assert capsys.readouterr().err == ""


def test_how_many_is_said_by_one_process(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    HeldOut(0.25, 0).tell(tmp_path, "shards", 3000, 1000)
    assert "has no shards for validation: 1,000 of 4,000 images are held out, val_fraction=0.25" in capsys.readouterr().err
    monkeypatch.setenv("LOCAL_RANK", "1")
    HeldOut(0.25, 0).tell(tmp_path, "shards", 3000, 1000)
    assert capsys.readouterr().err == ""
