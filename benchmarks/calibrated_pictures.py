"""The pictures of docs/calibrated_score.md."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np

from calibrated_data import Array, DataSet, gated_stages
from calibrated_figures import kendall_within, without
from calibrated_search import ANSWERS, shape
from zen_lightning.proxy.calibration import DEPTH_RATIO, Weights, depth_worth

STAGES = ("112 px", "56 px", "28 px", "14 px", "7 px")
COLOURS = ("#9ecae1", "#6baed6", "#4292c6", "#2171b5", "#08306b")

MOST_LAYERS = 24
"""Where the picture of layers ends; a network with more says how many."""


def draw_weights(chosen: Weights, path: Path) -> None:
    """Draw what a doubling of widths and what layers are worth in each stage."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.5, 3.4))
    # Two 1 x 1 convolutions a layer, whose gain is half the logarithm of their fan-in: twice the width is ln 2 in all.
    left.bar(STAGES, [weight * np.log(2) for weight in chosen.width], color=COLOURS)
    left.set_ylabel("points of top-1")
    left.set_title("a stage twice as wide", fontsize=10)
    layers = np.arange(1, 13)
    for name, weight, colour in zip(STAGES, chosen.depth, COLOURS, strict=True):
        right.plot(layers, [weight * depth_worth(int(n)) for n in layers], "o-", ms=3, color=colour, label=name)
    right.set_xlabel("layers of the stage")
    right.set_title(f"depth: each further layer is worth {DEPTH_RATIO:g} of the one before", fontsize=10)
    right.legend(fontsize=8, frameon=False)
    _finish(figure, path)


def draw_orders(held: DataSet, scores: Mapping[str, Array], path: Path) -> None:
    """Draw top-1 over each score, networks of one cost in colour."""
    truth = without(held.accuracy["top-1"], [gated_stages(held.networks)])
    near = (held.flops > 0.9 * 400e6) & (held.flops <= 400e6)
    figure, axes = plt.subplots(1, len(scores), figsize=(9.5, 3.6), sharey=True)
    for axis, (name, values) in zip(axes, scores.items(), strict=True):
        tau = kendall_within(values, truth, held.flops, held.tolerance, 0).value
        axis.plot(values[~near], truth[~near], ".", ms=2, color="#cccccc", label="other FLOPs")
        axis.plot(values[near], truth[near], ".", ms=4, color="#d95f02", label="360M to 400M FLOPs")
        axis.set_xlabel(name)
        axis.set_title(f"Kendall at equal FLOPs {tau:+.2f}", fontsize=10)
    axes[0].set_ylabel("top-1 after 16 epochs, SE taken out")
    axes[0].legend(fontsize=8, frameon=False)
    _finish(figure, path)


def draw_answers(path: Path) -> None:
    """Draw where the answers of searches have their layers and their FLOPs."""
    found = json.loads(ANSWERS.read_text())
    figure, axes = plt.subplots(1, 2, figsize=(9.5, 0.5 * len(found) + 1.2), sharey=True)
    for axis, column, title in zip(axes, (1, 2), ("layers", "FLOPs, %"), strict=True):
        for row, structure in enumerate(found.values()):
            start = 0.0
            for stage, colour in zip(shape(structure), COLOURS, strict=True):
                axis.barh(row, stage[column], left=start, color=colour, edgecolor="white")
                start += stage[column]
            if column == 1 and start > MOST_LAYERS:
                axis.text(MOST_LAYERS, row, f"{start:.0f} layers", color="white", ha="right", va="center", fontsize=8)
        axis.set_title(title, fontsize=10)
    axes[0].set_xlim(0, MOST_LAYERS + 0.5)
    axes[0].set_yticks(range(len(found)), list(found), fontsize=8)
    axes[0].invert_yaxis()
    handles = [plt.Rectangle((0, 0), 1, 1, color=colour) for colour in COLOURS]
    figure.legend(handles, STAGES, ncol=5, fontsize=8, frameon=False, loc="lower center")
    _finish(figure, path, bottom=0.09)


def _finish(figure: Any, path: Path, bottom: float = 0.0) -> None:
    for axis in figure.axes:
        axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout(rect=(0, bottom, 1, 1))
    figure.savefig(path, dpi=110)
    plt.close(figure)
