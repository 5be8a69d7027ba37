"""The files that a training leaves."""

from pathlib import Path

from zen_lightning.api.fitting import Fitted
from zen_lightning.api.training_setup import TrainingSetup
from zen_lightning.errors import MissingExtraError
from zen_lightning.report.speed import speed_cells
from zen_lightning.report.terminal.wrapping import files_line
from zen_lightning.report.top5 import top5_tells
from zen_lightning.runs.class_files import CLASS_FILES
from zen_lightning.runs.command_line import command_line, override_path
from zen_lightning.runs.names import ARCHITECTURE, WEIGHTS
from zen_lightning.system.short_path import short_path
from zen_lightning.training.checkpoints import BEST, EPOCHS, LAST
from zen_lightning.training.tracing import TRACE

FILES = (WEIGHTS, ARCHITECTURE, "result.json", "history.csv", "training.png", *CLASS_FILES, str(BEST), str(LAST))
"""Files that a finished training leaves, in the order in which they are listed."""

METRICS = (
    *("val_top1", "val_top5", "val_loss", "best_epoch", "last_top1", "last_top5", "mean_class_top1", "calibration_error"),
    *("params", "flops", "layers", "peak_activations", "seconds", "training_seconds", "trained_epochs"),
    *("images_per_second", "data_wait", "peak_memory_mb", "class_weights", "worst_classes"),
)
"""What the result of a training has to compare trials by: what was found, and not what was asked for."""


def write_history(folder: Path, row: dict[str, float], rows: list[dict[str, float]], epochs: int, num_classes: int) -> None:
    """Write ``history.csv`` again after each epoch, and say how it went."""
    from zen_lightning.api.training_files import write_rows

    write_rows(folder, rows)
    top1 = f"  val top-1 {row['val_top1']:.2f}%" if "val_top1" in row else ""
    top1 += f"  top-5 {row['val_top5']:.2f}%" if top1 and top5_tells(num_classes) else ""
    print(f"epoch {row['epoch']:>4} / {epochs}  train loss {row['train_loss']:.4f}{top1}  {row['seconds']:.1f} s", flush=True)


def plot(folder: Path, rows: list[dict[str, float]], title: str) -> None:
    """Write ``training.png``, where there is something to draw and matplotlib to draw it."""
    from zen_lightning.report import png
    from zen_lightning.report.charts.training import training_curves

    try:
        if rows:
            png.draw(folder / "training.png", training_curves(rows), title)
    except MissingExtraError as error:
        print(f"no plot: {error}")


def show(folder: Path, setup: TrainingSetup, fitted: Fitted) -> None:
    """Print the results of a training."""
    from zen_lightning.report.terminal.classes import show_worst
    from zen_lightning.report.terminal.table import Table
    from zen_lightning.training.validation_details import without_images, worst_classes

    best, details = fitted.best, fitted.details
    table = Table("The trained network", ["", "value"])
    if best:
        table.add("val top-1", f"{best['val_top1']:.2f}%")
        if top5_tells(setup.num_classes):
            table.add("val top-5", f"{best['val_top5']:.2f}%")
        if details is not None and details.mean_class_top1 is not None:
            table.add("mean top-1 of the classes", f"{details.mean_class_top1:.2f}%")
            table.add("calibration error", f"{details.calibration_error:.2f}%")
        table.add("best epoch", f"{best['epoch']:.0f} of {setup.recipe.epochs}")
    if fitted.stopped_early:
        table.add("stopped early", f"at epoch {len(fitted.rows)}")
    table.add("params", f"{setup.network.architecture.num_params(setup.num_classes, setup.use_se):,}")
    for name, value in speed_cells(fitted.facts):
        table.add(name, value)
    print()
    table.print()
    if details is not None:
        classes = details.classes(setup.source.classes)
        show_worst(worst_classes(classes), without_images(classes))
    found = [name for name in (*FILES, TRACE) if (folder / name).exists()]
    if kept := len(list((folder / LAST.parent).glob(EPOCHS))):
        found.append(f"{LAST.parent / EPOCHS} ({kept})")
    print(files_line(folder, found))
    print(next_steps(folder))


def next_steps(folder: Path) -> str:
    """Return the commands that use a trained network, a line each, under a heading.

    Example:
        >>> print(next_steps(Path("outputs/train/one")))  # doctest: +ELLIPSIS
        <BLANKLINE>
        classify images with it, export it:
          ... task=predict arch=outputs/train/one images=YOUR_IMAGES
          ... task=export arch=outputs/train/one format=onnx
    """
    named = f"arch={override_path(short_path(folder))}"
    commands = (["task=predict", named, "images=YOUR_IMAGES"], ["task=export", named, "format=onnx"])
    return "\n".join(["", "classify images with it, export it:", *(f"  {command_line(words)}" for words in commands)])
