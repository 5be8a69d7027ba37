"""What all plots share. matplotlib is an extra."""

import logging
from pathlib import Path
from typing import Any

from zen_lightning.errors import MissingExtraError
from zen_lightning.system.files import atomic_path

BLUE, GREY, RED = "#1f5fa8", "#8a8f98", "#c0392b"


def new_figure(height: float = 4.8, panels: int | None = None) -> tuple[Any, Any]:
    """Return a figure 8 inches wide, and its axes.

    Args:
        height: in inches.
        panels: axes below one another, which are returned as a list; None for the one that fills the figure.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingExtraError("matplotlib", "report", "a plot") from None
    logging.getLogger("matplotlib").setLevel(logging.WARNING)
    figure = Figure(figsize=(8, height), layout="constrained", dpi=120)
    rows = list(figure.subplots(panels or 1, squeeze=False).flat)
    for axes in rows:
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    return figure, rows[0] if panels is None else rows


def save_figure(figure: Any, path: Path) -> None:
    """Write a figure as PNG; its folder is made."""
    with atomic_path(path) as temporary:
        figure.savefig(temporary)
