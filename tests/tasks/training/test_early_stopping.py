"""Early stopping, and checkpoints that stay, on the command line."""

import csv
import json
from pathlib import Path

import pytest

from command_line import Zen
from training_commands import train

STILL = ("recipe.lr=0", "recipe.warmup_epochs=0", "recipe.bn_momentum=0", "recipe.target_lr=0", "recipe.epochs=5")
"""A training in which nothing improves after the first epoch."""


def test_early_stopping_is_said_everywhere_and_stays_until_it_is_changed(zen: Zen, tmp_path: Path) -> None:
    said = "stopped early at epoch 3 of 5: validation top-1 has not improved since epoch 1 ("
    ended = zen(*train(tmp_path, "trainer.early_stopping.patience=2"), *STILL)
    assert ended.code == 0, ended.err
    assert ended.out.count(said) == 1
    assert "│ stopped early" in ended.out
    result = json.loads((tmp_path / "result.json").read_text())
    assert result["stopped_early"].startswith(said)
    assert (result["epochs"], result["trained_epochs"], result["best_epoch"]) == (5, 3, 1)
    assert f"The training was {result['stopped_early']}." in (tmp_path / "report.html").read_text()
    again = zen(f"resume={tmp_path}")
    assert again.code == 0, again.err
    assert again.out.count(said) == 1
    assert f"already finished: {tmp_path} was {said}" in again.out
    longer = zen(f"resume={tmp_path}", "trainer.early_stopping=3")
    assert longer.code == 0, longer.err
    assert "continuing to train" in longer.out
    assert "stopped early at epoch 4 of 5" in longer.out
    whole = zen(f"resume={tmp_path}", "trainer.early_stopping=null")
    assert whole.code == 0, whole.err
    assert "stopped early" not in whole.out
    result = json.loads((tmp_path / "result.json").read_text())
    assert (result["trained_epochs"], result["stopped_early"]) == (5, None)
    assert "all 5 epochs" in zen(f"resume={tmp_path}").out


def test_checkpoints_that_stay_are_weights_too(zen: Zen, tmp_path: Path) -> None:
    ended = zen(*train(tmp_path / "run", "trainer.keep_every=1"))
    assert ended.code == 0, ended.err
    assert "checkpoints/epoch-*.ckpt (2)" in ended.out
    kept = tmp_path / "run" / "checkpoints" / "epoch-0001.ckpt"
    ended = zen("task=evaluate", f"arch={kept}", "dataset=digits", "trainer=cpu", f"output_dir={tmp_path / 'evaluated'}")
    assert ended.code == 0, ended.err
    first = next(csv.DictReader((tmp_path / "run" / "history.csv").open()))
    evaluated = json.loads((tmp_path / "evaluated" / "result.json").read_text())
    assert evaluated["val_top1"] == pytest.approx(float(first["val_top1"]), abs=1e-3)
