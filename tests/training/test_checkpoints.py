"""What a training keeps."""

from pathlib import Path

import pytest
import torch

from training.conftest import STRUCTURE, Training
from zen_lightning.errors import UserError
from zen_lightning.nets.weights import read_weights
from zen_lightning.training.checkpoints import BEST, LAST, read_identity


def test_best_last_weights_and_architecture(undisturbed: Training) -> None:
    folder, rows = undisturbed.folder, undisturbed.history.rows
    assert (folder / "architecture.txt").read_text() == f"{STRUCTURE}\n"
    assert [row["epoch"] for row in rows] == [1, 2, 3]
    best = max(rows, key=lambda row: row["val_top1"])
    assert undisturbed.checkpoints.best["val_top1"] == best["val_top1"]
    assert undisturbed.checkpoints.best["epoch"] == best["epoch"]
    state = torch.load(folder / BEST, weights_only=True)
    assert state["epoch"] + 1 == best["epoch"]
    assert "optimizer_states" not in state
    network, metadata = read_weights(folder / "weights.safetensors")
    assert (metadata["architecture"], metadata["num_classes"], metadata["resolution"]) == (STRUCTURE, "10", "8")
    for key, value in network.state_dict().items():
        assert torch.equal(value, state["state_dict"][f"network.{key}"])


def test_averaged_weights_are_the_ones_kept(tmp_path: Path) -> None:
    run = Training(tmp_path, recipe={"ema": 0.9}).run()
    assert run.module.averaged is not None
    assert int(run.module.averaged.n_averaged) == 15
    kept = read_weights(tmp_path / "weights.safetensors")[0].state_dict()
    state = torch.load(tmp_path / BEST, weights_only=True)["state_dict"]
    for key, value in kept.items():
        assert torch.equal(value, state[f"averaged.module.{key}"])
    key = "classifier.linear.weight"
    assert not torch.equal(kept[key], state[f"network.{key}"])


def test_a_diverged_training_keeps_what_was_good(tmp_path: Path) -> None:
    run = Training(tmp_path).run()
    before = (tmp_path / LAST).read_bytes()
    run.module.train_loss.update(torch.tensor(float("nan")), 1)
    with pytest.raises(UserError, match=r"the training loss is nan in epoch \d: the network has diverged"):
        run.checkpoints.save_last(run.trainer, run.module, 1)
    assert (tmp_path / LAST).read_bytes() == before


def test_the_identity_travels(tmp_path: Path) -> None:
    run = Training(tmp_path)
    run.checkpoints.identity = {"arch": STRUCTURE, "seed": 3}
    run.run()
    assert read_identity(tmp_path / LAST) == {"arch": STRUCTURE, "seed": 3}
