"""The files that a training leaves."""

from pathlib import Path
from typing import Any

import pytorch_lightning as pl
from omegaconf import DictConfig, OmegaConf

from zen_lightning.errors import MissingExtraError
from zen_lightning.report import png
from zen_lightning.report.charts.training import training_curves
from zen_lightning.report.terminal.table import Table
from zen_lightning.runs.names import ARCHITECTURE, WEIGHTS
from zen_lightning.runs.provenance import git_commit, versions
from zen_lightning.system.files import write_csv, write_json
from zen_lightning.tasks.training.setup import TrainingSetup
from zen_lightning.training.checkpoints import BEST, LAST
from zen_lightning.training.classifier import ClassifierModule
from zen_lightning.training.history import COLUMNS

FILES = (WEIGHTS, ARCHITECTURE, "result.json", "history.csv", "training.png", str(BEST), str(LAST))
"""What a finished training leaves, in the order in which it is listed."""


def write_history(folder: Path, row: dict[str, float], rows: list[dict[str, float]], epochs: int) -> None:
    """Write ``history.csv`` anew after each epoch, and say how it went."""
    write_csv(folder / "history.csv", list(COLUMNS), [[row.get(name, "") for name in COLUMNS] for row in rows])
    top1 = f"  val top-1 {row['val_top1']:.2f}%  top-5 {row['val_top5']:.2f}%" if "val_top1" in row else ""
    print(f"epoch {row['epoch']:>4} / {epochs}  train loss {row['train_loss']:.4f}{top1}  {row['seconds']:.1f} s", flush=True)


def write_results(
    config: DictConfig,
    folder: Path,
    setup: TrainingSetup,
    module: ClassifierModule,
    trainer: pl.Trainer,
    rows: list[dict[str, float]],
    best: dict[str, float],
    seconds: float,
) -> None:
    """Write ``training.png`` and, last, ``result.json``."""
    if rows:
        try:
            title = f"{config.dataset.name}, {setup.recipe.epochs:,} epochs"
            png.draw(folder / "training.png", training_curves(rows), title)
        except MissingExtraError as error:
            print(f"no plot: {error}")
    architecture = setup.network.architecture
    last = rows[-1] if rows else {}
    recipe = OmegaConf.to_container(config.recipe, resolve=True)
    result: dict[str, Any] = {
        "task": config.task.name,
        "structure": str(architecture),
        "arch": config.arch,
        "dataset": config.dataset.name,
        "val_top1": _percent(best.get("val_top1")),
        "val_top5": _percent(best.get("val_top5")),
        "val_loss": best.get("val_loss"),
        "best_epoch": best.get("epoch"),
        "last_top1": _percent(last.get("val_top1")),
        "last_top5": _percent(last.get("val_top5")),
        "epochs": setup.recipe.epochs,
        "params": architecture.num_params(setup.num_classes, setup.use_se),
        "flops": architecture.flops(setup.image_size, setup.num_classes, setup.use_se),
        "layers": architecture.num_layers,
        "weights": WEIGHTS,
        "resolution": setup.image_size,
        "num_classes": setup.num_classes,
        "classes": list(setup.source.classes) if setup.num_classes <= 1000 else None,
        "mean": list(setup.source.mean),
        "std": list(setup.source.std),
        "use_se": setup.use_se,
        "train_images": module.train_images,
        "global_batch": setup.recipe.batch_size * trainer.world_size * setup.recipe.accumulate,
        "highest_lr": module.schedule().lr,
        "recipe": recipe,
        "device": str(trainer.strategy.root_device),
        "processes": trainer.world_size,
        "precision": trainer.precision,
        "training_seconds": round(sum(row["seconds"] for row in rows), 3),
        "seconds": round(seconds, 3),
        "seed": config.seed,
        "versions": versions(),
        "git_commit": git_commit(),
    }
    write_json(folder / "result.json", result)


def _percent(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def show(folder: Path, setup: TrainingSetup, best: dict[str, float]) -> None:
    """Print what came of a training."""
    table = Table("The trained network", ["", "value"])
    if best:
        table.add("val top-1", f"{best['val_top1']:.2f}%")
        table.add("val top-5", f"{best['val_top5']:.2f}%")
        table.add("best epoch", f"{best['epoch']:.0f} of {setup.recipe.epochs}")
    table.add("params", f"{setup.network.architecture.num_params(setup.num_classes, setup.use_se):,}")
    print()
    table.print()
    print(f"in {folder}: {' '.join(name for name in FILES if (folder / name).exists())}")
