"""What a training keeps."""

from pathlib import Path

import pytest
import torch

from training.conftest import STRUCTURE, Training
from training.test_resume import _Kill, _Killed, same
from zen_lightning.errors import UserError
from zen_lightning.nets.weights import read_weights
from zen_lightning.system.checksums import check_beside
from zen_lightning.training import checkpoint_io
from zen_lightning.training.checkpoint_io import read_checkpoint
from zen_lightning.training.checkpoints import BEST, LAST, Checkpoints, read_identity


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


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "checkpoints").glob("epoch-*.ckpt"))


def test_every_second_checkpoint_stays(tmp_path: Path) -> None:
    Training(tmp_path, recipe={"epochs": 4}, keep_every=2).run()
    assert kept(tmp_path) == ["epoch-0002.ckpt", "epoch-0004.ckpt"]
    for name, epoch in (("epoch-0002.ckpt", 2), ("epoch-0004.ckpt", 4), ("last.ckpt", 4)):
        path = tmp_path / "checkpoints" / name
        assert check_beside(path, "")
        content = read_checkpoint(path)
        assert [row["epoch"] for row in content["callbacks"]["History"]["rows"]] == list(range(1, epoch + 1))
        assert content["optimizer_states"]


def test_a_kept_checkpoint_is_continued_in_the_place_of_the_last(tmp_path: Path) -> None:
    whole = Training(tmp_path / "whole", keep_every=1).run()
    (tmp_path / "back" / "checkpoints").mkdir(parents=True)
    (tmp_path / "back" / LAST).write_bytes((tmp_path / "whole" / "checkpoints" / "epoch-0001.ckpt").read_bytes())
    same(whole, Training(tmp_path / "back").run())


@pytest.mark.parametrize("step", [5, 10])
def test_killed_between_two_writes_none_is_left_out(tmp_path: Path, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the file that stays has appeared, and before the last one has."""

    def dies(first: Path, second: Path) -> None:
        raise _Killed

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint_io, "_same_file", dies)
        with pytest.raises(_Killed):
            Training(tmp_path, _Kill(99, "start"), keep_every=step // 5, every_steps=2).run()
    assert kept(tmp_path) == [f"epoch-000{step // 5}.ckpt"]
    before = (tmp_path / "checkpoints" / kept(tmp_path)[0]).stat().st_ino
    Training(tmp_path, keep_every=step // 5).run()
    assert kept(tmp_path) == [f"epoch-{epoch:04}.ckpt" for epoch in range(step // 5, 4, step // 5)]
    assert (tmp_path / "checkpoints" / kept(tmp_path)[0]).stat().st_ino != before  # Written again.
    assert all(check_beside(tmp_path / "checkpoints" / name, "") for name in kept(tmp_path))


def test_a_disk_without_second_names_gets_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(checkpoint_io.os, "link", refused)
    Training(tmp_path, keep_every=3).run()
    one, other = (tmp_path / "checkpoints" / name for name in ("epoch-0003.ckpt", "last.ckpt"))
    assert one.read_bytes() == other.read_bytes()
    assert check_beside(other, "")


@pytest.mark.parametrize("every", [0, -1, 1.5, True, "2"])
def test_what_keeping_refuses(tmp_path: Path, every: object) -> None:
    with pytest.raises(UserError, match="expected a whole number of epochs, 1 or more"):
        Checkpoints(tmp_path, 8, keep_every=every)  # type: ignore[arg-type]
