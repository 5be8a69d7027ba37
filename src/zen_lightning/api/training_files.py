"""What a training leaves in its folder beside weights and checkpoints, for ``zl.train`` and ``task=train`` alike."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zen_lightning.api.class_files import class_content
from zen_lightning.api.fitting import Fitted, Row
from zen_lightning.api.training_setup import TrainingSetup
from zen_lightning.runs.names import WEIGHTS
from zen_lightning.system.csv_files import write_csv
from zen_lightning.training.history import COLUMNS


def write_rows(folder: Path, rows: list[Row]) -> None:
    """Write ``history.csv`` anew: a row for each epoch."""
    write_csv(folder / "history.csv", list(COLUMNS), [[row.get(name, "") for name in COLUMNS] for row in rows])


def training_content(
    setup: TrainingSetup, fitted: Fitted, arch: str, dataset: str, recipe: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what ``result.json`` says of a training.

    Args:
        setup: the setup of the training.
        fitted: what came of it.
        arch: as it was named.
        dataset: name of the dataset.
        recipe: its numbers, with those of its augmentation.
    """
    from zen_lightning.budget import counts

    architecture, best = setup.network.architecture, fitted.best
    last = fitted.rows[-1] if fitted.rows else {}
    return {
        "structure": str(architecture),
        "arch": arch,
        "dataset": dataset,
        "val_top1": _percent(best.get("val_top1")),
        "val_top5": _percent(best.get("val_top5")),
        "val_loss": best.get("val_loss"),
        "best_epoch": best.get("epoch"),
        "last_top1": _percent(last.get("val_top1")),
        "last_top5": _percent(last.get("val_top5")),
        **class_content(fitted.details, setup.source.classes),
        "epochs": setup.recipe.epochs,
        "trained_epochs": len(fitted.rows),
        "stopped_early": fitted.stopped_early,
        **counts(architecture, setup.image_size, setup.num_classes, setup.use_se),
        "weights": WEIGHTS,
        "resolution": setup.image_size,
        "num_classes": setup.num_classes,
        "classes": list(setup.source.classes) if setup.num_classes <= 1000 else None,
        "mean": list(setup.source.mean),
        "std": list(setup.source.std),
        "use_se": setup.use_se,
        "recipe": dict(recipe),
        **fitted.facts,
    }


def _percent(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
