"""A checkpoint whose content is no state of a training, as anybody may have written it."""

from pathlib import Path

import pytest
import torch

from zen_lightning.api.fitting import _explaining_restore
from zen_lightning.errors import UserError
from zen_lightning.training.checkpoints import Checkpoints, read_saved


@pytest.mark.parametrize(
    "error", [AttributeError("no copy"), KeyError("loops"), TypeError("no list"), RuntimeError("Missing key")]
)
def test_what_cannot_be_restored_is_a_sentence(tmp_path: Path, error: Exception) -> None:
    checkpoints = Checkpoints(tmp_path, resolution=8)
    refused = pytest.raises(UserError, match=r"last\.ckpt cannot be continued: \w+, .*: move it away")
    with refused, _explaining_restore(tmp_path / "last.ckpt", checkpoints):
        raise error
    checkpoints.began = True
    for path in (tmp_path / "last.ckpt", None):
        with pytest.raises(type(error)), _explaining_restore(path, checkpoints):
            raise error
        checkpoints.began = False


@pytest.mark.parametrize("callbacks", [3, {"Checkpoints": 3}, {"Checkpoints": {"identity": 3}}, {"History": {"rows": 7}}])
def test_what_a_checkpoint_says_of_its_run_is_a_mapping(tmp_path: Path, callbacks: object) -> None:
    torch.save({"callbacks": callbacks}, tmp_path / "last.ckpt")
    with pytest.raises(UserError, match="what it says of its run cannot be read"):
        read_saved(tmp_path / "last.ckpt")
