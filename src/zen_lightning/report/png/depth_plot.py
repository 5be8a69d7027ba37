"""The plot of what each depth gives, as PNG."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from zen_lightning.report.png.figure import BLUE, GREY, RED, new_figure, save_figure


class DepthFigures(Protocol):
    """What is drawn of a depth."""

    @property
    def limit(self) -> int:
        """The limit on layers."""

    @property
    def score(self) -> float:
        """The score of its best network."""

    @property
    def calibrated(self) -> float:
        """The calibrated score, the mean of the best networks of all short searches."""


def plot_depths(path: Path, depths: Sequence[DepthFigures], chosen: int, proxy: str) -> None:
    """Draw the best score and the calibrated score under each limit on layers, one above the other.

    Args:
        path: of the PNG.
        depths: by limit.
        chosen: the limit that was chosen.
        proxy: name of the search's score.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    figure, (above, below) = new_figure(height=5.6, panels=2)
    limits = [one.limit for one in depths]
    for axes, name, values in (
        (above, proxy, [one.score for one in depths]),
        (below, "calibrated score", [one.calibrated for one in depths]),
    ):
        axes.plot(limits, values, "o-", color=BLUE)
        axes.axvline(chosen, color=RED, linewidth=1, linestyle="--")
        axes.set_ylabel(name)
        axes.set_xticks(limits)
    at = max(one.calibrated for one in depths)
    below.plot([chosen], [at], "o", color=RED, markersize=9)
    below.annotate(f"chosen: {chosen}", (chosen, at), (6, -14), textcoords="offset points", color=RED)
    below.set_xlabel("layers, at most")
    above.set_title("the best network of a short search under each limit on layers", loc="left", color=GREY)
    save_figure(figure, path)
