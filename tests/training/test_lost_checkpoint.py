"""A training whose checkpoint was deleted, or left out of a copy: what is left of it is not replaced."""

import shutil
from contextlib import nullcontext
from pathlib import Path

import pytest

import zen_lightning as zl
from command_line import Zen
from training_commands import STRUCTURE, train
from zen_lightning.errors import UserError
from zen_lightning.system.csv_files import write_csv
from zen_lightning.training.lost_checkpoint import check_not_lost
from zen_lightning.training.machine import Machine


def test_a_finished_training_is_kept(zen: Zen, tmp_path: Path) -> None:
    run = tmp_path / "run"
    command = train(run, "recipe.epochs=1")
    assert zen(*command).code == 0
    shutil.rmtree(run / "checkpoints")
    before = (run / "weights.safetensors").read_bytes()
    for again in ([f"resume={run}"], command, [*command, "resume=auto"]):
        ended = zen(*again)
        assert ended.code == 2
        assert f"{run} holds a training of 1 epoch without checkpoints/last.ckpt" in ended.err
    with pytest.raises(UserError, match=r"without checkpoints/last\.ckpt"):
        zl.train(STRUCTURE, "digits", folder=run, epochs=1, machine=Machine("cpu"))
    assert (run / "weights.safetensors").read_bytes() == before


@pytest.mark.parametrize(("epochs", "is_refused"), [(0, False), (1, False), (3, False), (4, True)])
def test_one_that_was_killed_before_its_first_checkpoint_begins_anew(tmp_path: Path, epochs: int, is_refused: bool) -> None:
    if epochs:
        write_csv(tmp_path / "history.csv", ["epoch", "train_loss"], [[epoch, 2.5] for epoch in range(epochs)])
    with pytest.raises(UserError, match="4 epochs without") if is_refused else nullcontext():
        check_not_lost(tmp_path, "resume")


def test_the_history_of_another_task_is_no_training(tmp_path: Path) -> None:
    write_csv(tmp_path / "history.csv", ["iteration", "best"], [[step, 2.5] for step in range(9)])
    check_not_lost(tmp_path, "resume")
