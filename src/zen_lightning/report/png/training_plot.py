"""The course of a training, as PNG. matplotlib is an extra."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from zen_lightning.report.png.figure import BLUE, GREY, RED, new_figure, save_figure


def plot_training(path: Path, rows: Sequence[Mapping[str, float]], title: str) -> None:
    """Draw training and validation loss, and validation top-1 with its best epoch, over the epochs.

    Args:
        path: of the PNG.
        rows: one for each epoch, with ``epoch``, ``train_loss`` and, where it was validated, ``val_loss`` and ``val_top1``.
        title: above the plot.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figure, axes = new_figure()
    validated = [row for row in rows if "val_top1" in row]
    marker = "o" if len(rows) < 3 else None
    axes.plot(
        [row["epoch"] for row in rows], [row["train_loss"] for row in rows], color=GREY, marker=marker, label="train loss"
    )
    # The first epochs may lie far above all others, and would flatten the part to look at.
    ordered = sorted(row["val_loss"] for row in validated)
    typical = ordered[len(ordered) * 3 // 4] if ordered else 0.0
    axes.set_ylim(0, 1.1 * max(*(row["train_loss"] for row in rows), typical, 1e-9))
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss")
    lines, labels = axes.get_legend_handles_labels()
    if validated:
        at = [row["epoch"] for row in validated]
        axes.plot(
            at, [row["val_loss"] for row in validated], color=GREY, linestyle="--", marker=marker, label="validation loss"
        )
        best = max(validated, key=lambda row: row["val_top1"])
        right = axes.twinx()
        right.spines["top"].set_visible(False)
        right.plot(at, [row["val_top1"] for row in validated], color=BLUE, marker=marker, label="validation top-1")
        star = f"best: {best['val_top1']:.2f}%, epoch {best['epoch']:.0f}"
        right.scatter([best["epoch"]], [best["val_top1"]], marker="*", s=140, color=RED, zorder=3, label=star)
        right.set_ylabel("validation top-1, percent")
        both = [axes.get_legend_handles_labels(), right.get_legend_handles_labels()]
        lines, labels = ([*one, *two] for one, two in zip(*both, strict=True))
    axes.legend(lines, labels, loc="center right", frameon=False)
    axes.set_title(title, loc="left")
    save_figure(figure, path)
