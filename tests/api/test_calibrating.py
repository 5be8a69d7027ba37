"""Images for int8 are those that the network saw: by its classes, and by its grey."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from zen_lightning.api.calibrating import CalibrationPlan
from zen_lightning.api.sources import Setting
from zen_lightning.api.trained import Trained
from zen_lightning.arch import Architecture
from zen_lightning.data import Digits, ImageFolder
from zen_lightning.data.grey import GreyRange
from zen_lightning.data.preprocessing import Preprocessing
from zen_lightning.nets import build_network

HALF = (0.5, 0.5, 0.5)


def trained(classes: tuple[str, ...], grey: GreyRange | None = None) -> Trained:
    network = build_network(Architecture.parse("SuperConvK3BNRELU(3,8,2,1)"), len(classes))
    seen = Preprocessing(8, HALF, HALF, classes, grey_range=grey)
    return Trained(network, Setting(8, len(classes), False), "here", None, seen)


def test_labels_follow_the_classes_of_the_network() -> None:
    labels = {}
    for names in ("0123456789", "9876543210"):
        held = CalibrationPlan(dataset=Digits(), count=4, held_out=16).read(trained(tuple(names))).held_out
        labels[names] = torch.cat([found for _, found in held if found is not None])
    assert torch.equal(labels["9876543210"], 9 - labels["0123456789"])


@pytest.mark.parametrize("named", ["dataset", "images"])
def test_deep_grey_is_read_by_the_range_of_the_training(tmp_path: Path, named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for part in ("train", "val"):
        for label in ("cat", "dog"):
            (tmp_path / part / label).mkdir(parents=True)
            for at in range(2):
                grey = np.full((8, 8), 2048, dtype=np.uint16)
                Image.fromarray(grey).save(tmp_path / part / label / f"{at}.png")
    source = ImageFolder(str(tmp_path), image_size=8, mean=HALF, std=HALF)
    source.prepare()
    found = CalibrationPlan(**{named: source}).read(trained(("cat", "dog"), GreyRange(0, 8192)))
    seen = [float(batch.mean()) for batch in found.batches] + [float(batch.mean()) for batch, _ in found.held_out]
    assert seen == pytest.approx([-0.5] * len(seen), abs=0.01)  # A quarter of the way to white.
