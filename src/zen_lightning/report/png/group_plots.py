"""Groups of runs as PNG: mean, standard deviation and every single run. matplotlib is an extra."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zen_lightning.report.png.figure import BLUE, GREY, RED, new_figure, save_figure
from zen_lightning.report.proxy_comparison import Comparison, dataset_title, published
from zen_lightning.report.statistics import Group, Summary, is_percent
from zen_lightning.system.numbers import short_count

_LONGEST = 40
_ROW = 0.3
_AROUND = 0.9
_TALLEST = 60.0
_COUNTED_FROM = 10_000


def plot_groups(path: Path, groups: Sequence[Group], keys: Sequence[str], names: Sequence[str], title: str) -> list[str]:
    """Draw a panel for each figure, and in it a row for each group: its runs as points, mean and standard deviation.

    A figure that is the same for all runs has no panel, unless there is no other.

    Args:
        path: of the PNG.
        groups: first above.
        keys: that the groups differ in.
        names: of the figures; those that no group has are left out.
        title: above the plot.

    Returns:
        the figures that found no room.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    height = _ROW * len(groups) + _AROUND
    values = {name: {value for group in groups for value in group.figures[name].values} for name in names}
    known = [name for name in names if len(values[name]) > 1] or [name for name in names if values[name]][:1]
    shown = known[: max(1, int(_TALLEST / height))]
    figure, panels = new_figure(height * len(shown) + 0.4, len(shown))
    labels = [_shortened(" ".join(filter(None, group.settings)) or "all runs") for group in groups]
    for axes, name in zip(panels, shown, strict=True):
        for row, group in enumerate(groups):
            _draw(axes, row, group.figures[name])
        _rows(axes, labels)
        axes.set_xlabel(f"{name}, percent" if is_percent(name) else name)
        axes.set_ylabel(_shortened(" ".join(keys)))
        if max(map(abs, values[name])) >= _COUNTED_FROM:
            axes.xaxis.set_major_formatter(lambda value, _: short_count(value))
    panels[0].set_title(title, loc="left")
    save_figure(figure, path)
    return known[len(shown) :]


def plot_comparison(path: Path, comparison: Comparison, source: str) -> None:
    """Draw a panel for each dataset, and in it a row for each proxy, with the published accuracy where there is one.

    Args:
        path: of the PNG.
        comparison: to draw.
        source: of the published accuracies, for the title.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    height = _ROW * len(comparison.proxies) + 1.2
    figure, panels = new_figure(height * len(comparison.datasets) + 0.4, len(comparison.datasets))
    for axes, dataset in zip(panels, comparison.datasets, strict=True):
        for row, proxy in enumerate(comparison.proxies):
            _draw(axes, row, comparison.cells[proxy, dataset])
        known = [(published(proxy, dataset), row) for row, proxy in enumerate(comparison.proxies)]
        marks = [(value, row) for value, row in known if value is not None]
        if marks:
            at, rows = zip(*marks, strict=True)
            axes.scatter(at, rows, marker="D", s=30, color=RED, label="published", zorder=2)
            axes.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False)
        _rows(axes, comparison.proxies)
        axes.set_xlabel(f"top-1 on {dataset_title(dataset)}, percent")
    if comparison.with_published:
        panels[0].set_title(f"published: {source.partition(':')[0]}", loc="left", fontsize=10)
    save_figure(figure, path)


def _draw(axes: Any, row: int, summary: Summary) -> None:
    if summary.mean is None:
        return
    axes.errorbar(
        [summary.mean], [row], xerr=summary.std, fmt="o", color=BLUE, capsize=4, elinewidth=1.2, markersize=6, zorder=3
    )
    axes.scatter(summary.values, [row] * summary.n, s=22, color="white", edgecolors=GREY, linewidths=1.2, zorder=4)


def _rows(axes: Any, labels: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), list(labels))
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")


def _shortened(label: str) -> str:
    return label if len(label) <= _LONGEST else f"{label[: _LONGEST - 12]}...{label[-9:]}"
