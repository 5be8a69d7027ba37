"""What all plots share. matplotlib is an extra."""

import logging
from pathlib import Path
from typing import Any

from zen_lightning.errors import MissingExtraError
from zen_lightning.files import atomic_path

BLUE, GREY, RED = "#1f5fa8", "#8a8f98", "#c0392b"


def new_figure(height: float = 4.8) -> tuple[Any, Any]:
    """Return a figure 8 inches wide, and its axes.

    Args:
        height: in inches.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("matplotlib", "report", "a plot") from None
    logging.getLogger("matplotlib").setLevel(logging.WARNING)
    figure = Figure(figsize=(8, height), layout="constrained", dpi=120)
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)
    return figure, axes


def save_figure(figure: Any, path: Path) -> None:
    """Write a figure as PNG; its folder is made."""
    with atomic_path(path) as temporary:
        figure.savefig(temporary)
