"""Every figure of a training's files, computed anew from its weights."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn import functional

from training.conftest import AUGMENTATION, STRUCTURE, Training
from zen_lightning.data import Digits, ImageData
from zen_lightning.nets.weights import read_weights

ROOT = Path(__file__).resolve().parents[2]


def figures(weights: Path, source: Digits) -> dict[str, float]:
    """Return loss and accuracies on all held-out digits, in one batch, in float64."""
    network = read_weights(weights)[0].double().eval()
    data = ImageData(source, 8, AUGMENTATION, image_size=8, workers=0, eval_batch_size=10_000)
    data.setup("validate")
    (batch,) = list(data.val_dataloader())
    images, labels = getattr(data, "finish", lambda raw: raw)(batch)
    with torch.no_grad():
        logits = network(images.double())
    top5 = logits.topk(5, dim=1).indices
    return {
        "val_loss": float(functional.cross_entropy(logits, labels)),
        "val_top1": 100 * float((top5[:, 0] == labels).double().mean()),
        "val_top5": 100 * float((top5 == labels[:, None]).any(1).double().mean()),
    }


@pytest.mark.parametrize("recipe", [{}, {"ema": 0.9}, {"batch_size": 7}])
def test_of_batches_of_different_sizes(tmp_path: Path, recipe: dict[str, Any]) -> None:
    run = Training(tmp_path, recipe=recipe).run()
    wanted = figures(tmp_path / "weights.safetensors", Digits())
    best = run.checkpoints.best
    assert {name: best[name] for name in wanted} == pytest.approx(wanted, abs=2e-6)
    row = run.history.rows[int(best["epoch"]) - 1]
    assert {name: row[name] for name in wanted} == pytest.approx(wanted, abs=2e-6)


def test_the_training_loss_is_the_mean_over_images(tmp_path: Path) -> None:
    run = Training(tmp_path, recipe={"epochs": 1, "warmup_epochs": 0, "lr": 0.0, "mixup": 0.0, "weight_decay": 0.0})
    losses: list[float] = []
    original = run.module.batch_loss

    def batch_loss(images: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        loss = original(images, targets)
        losses.extend([float(loss)] * len(targets))
        return loss

    run.module.batch_loss = batch_loss  # type: ignore[method-assign]
    run.run()
    assert run.history.rows[0]["train_loss"] == pytest.approx(sum(losses) / len(losses), abs=1e-6)


@pytest.mark.long
@pytest.mark.parametrize("processes", [1, 2])
def test_of_the_command_line(tmp_path: Path, processes: int) -> None:
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "LOCAL_RANK", "MASTER_"))}
    env |= {"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    command = ["task=train", f"arch={STRUCTURE!r}", "dataset=digits", "resolution=8", "limit=320", f"output_dir={tmp_path}"]
    command += ["recipe.epochs=2", "recipe.warmup_epochs=0", "recipe.batch_size=20", "trainer.loader_workers=0"]
    command += ["dataset.val_fraction=0.215", "trainer=ddp_cpu" if processes == 2 else "trainer=cpu"]
    done = subprocess.run(
        [sys.executable, str(ROOT / "run.py"), *command], env=env, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "result.json").read_text())
    with (tmp_path / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    wanted = figures(tmp_path / "weights.safetensors", Digits(val_fraction=0.215))
    for name in ("val_loss", "val_top1", "val_top5"):
        tolerance = 2e-6 if name == "val_loss" else 5e-5  # Percents are rounded to four places in result.json.
        assert result[name] == pytest.approx(wanted[name], abs=tolerance), name
        assert float(rows[int(result["best_epoch"]) - 1][name]) == pytest.approx(wanted[name], abs=5e-6), name
