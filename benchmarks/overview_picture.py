"""Draw docs/images/overview.png, the picture of the README, from real data: `python benchmarks/overview_picture.py`.

Left: the closed form against Monte-Carlo, on the half of data/closed_form_truth.jsonl that it was not fitted to. Right: what
a search for 600M FLOPs scored, with its answer and the networks that Zen-NAS published. Below: the answer, stage by stage.
"""

import argparse
import math
import statistics
import tempfile
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from closed_form_picture import held_out
from common import ROOT, spearman
from zen_lightning import zoo
from zen_lightning.arch import Architecture
from zen_lightning.budget import Budget, FlopsLimit, LayersLimit
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.report.png import BLUE, GREY, RED
from zen_lightning.search.run import SearchOutcome, SearchSetup, run_search
from zen_lightning.space import search_space

PICTURE = ROOT / "docs" / "images" / "overview.png"
START = (
    "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE6K3(8,32,2,8,1)SuperResIDWE6K3(32,48,2,32,1)SuperResIDWE6K3(48,96,2,48,1)"
    "SuperResIDWE6K3(96,128,2,96,1)SuperConvK1BNRELU(128,2048,1,1)"
)
_LABEL = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 1}
RESOLUTION, CLASSES, FLOPS, LAYERS = 224, 1000, 600_000_000, 14


def search(iterations: int, seed: int) -> SearchOutcome:
    """Search as `search=zen budget=flops600M` does, without its finalists."""
    setup = SearchSetup(
        search_space("mobilenet", moves="tied"),
        ZenClosedForm(RESOLUTION),
        Budget([LayersLimit(LAYERS), FlopsLimit(FLOPS, RESOLUTION, CLASSES)]),
        Architecture.parse(START),
        seed=seed,
        iterations=iterations,
    )
    with tempfile.TemporaryDirectory() as folder:
        return run_search(setup, 0, Path(folder) / "journal.jsonl", lambda progress: None)


def draw_agreement(axes: Any) -> None:
    """Draw the closed form against the mean of Monte-Carlo draws."""
    found = held_out("running")
    ours, truth = [one.closed for one in found], [one.measured for one in found]
    axes.axline((truth[0], truth[0]), slope=1, color=GREY, lw=1, ls=":")
    axes.scatter(truth, ours, s=14, color=BLUE, alpha=0.6, lw=0)
    agreement = f"Spearman {spearman(ours, truth):.4f}\nmean error {statistics.fmean(abs(one.off) for one in found):.2%}"
    axes.text(
        0.05,
        0.96,
        f"{len(found)} networks it was\nnot fitted to\n{agreement}",
        transform=axes.transAxes,
        va="top",
        fontsize=9,
    )
    axes.set(xlabel="Zen-score by Monte-Carlo (the paper)", ylabel="Zen-score in closed form")
    axes.set_title("1  A score without tensors", weight="bold", loc="left")


def draw_search(axes: Any, outcome: SearchOutcome) -> None:
    """Draw what was scored, the answer, and the published networks."""
    cloud = outcome.cloud
    flops = [point.architecture.flops(RESOLUTION, CLASSES) / 1e6 for point in cloud]
    late = [math.log10(max(point.iteration, 1)) for point in cloud]
    axes.scatter(flops, [point.score for point in cloud], c=late, s=6, cmap="Blues", vmin=2, alpha=0.8, lw=0)
    best = outcome.ranked[0]
    place = best.architecture.flops(RESOLUTION, CLASSES) / 1e6, best.score
    axes.scatter(*place, marker="*", s=220, color=RED, zorder=3)
    axes.annotate(
        f"the answer: {best.score:.1f}", place, xytext=(-12, 2), textcoords="offset points", ha="right", color=RED, bbox=_LABEL
    )
    for name in ("zennet_imagenet1k_flops400M_SE_res224", "zennet_imagenet1k_flops600M_SE_res224"):
        known = Architecture.parse(zoo.structure(name))
        score = ZenClosedForm(RESOLUTION).score(known).value
        place = known.flops(RESOLUTION, CLASSES) / 1e6, score
        axes.scatter(*place, marker="D", s=36, color="black", zorder=3)
        label = f"published: {score:.1f}"  # Its FLOPs are on the axis; a longer one would cover the other network.
        axes.annotate(label, place, xytext=(-8, -13), textcoords="offset points", ha="right", fontsize=9, bbox=_LABEL)
    axes.axvline(FLOPS / 1e6, color=RED, lw=1, ls=":")
    axes.set_ylim(bottom=45)
    axes.set(xlabel="FLOPs (multiply-adds, million)", ylabel="Zen-score in closed form")
    axes.set_title(f"2  {outcome.iterations:,} candidates, on one CPU core", weight="bold", loc="left")


def draw_network(axes: Any, architecture: Architecture) -> None:
    """Draw the super-blocks: height is the resolution, width the layers, the number the channels."""
    left, before, gap = 0.0, RESOLUTION, 0.08
    for row in architecture.summary(RESOLUTION, CLASSES):
        width = 0.5 + 0.42 * max(row.layers, 1)  # The classifier has no layers, but a number in it.
        enters, leaves = (1 + math.log2(size) for size in (before, row.resolution))
        right = left + width - gap
        corners = [(left, -enters / 2), (left, enters / 2), (right, leaves / 2), (right, -leaves / 2)]
        axes.add_patch(Polygon(corners, facecolor=BLUE, alpha=min(1, 0.35 + 0.1 * row.stage), lw=0))
        middle = (left + right) / 2
        axes.text(middle, 0, f"{row.channels}", ha="center", va="center", color="white", weight="bold")
        if row.layers:
            axes.text(middle, enters / 2 + 0.15, f"{row.resolution}²", ha="center", fontsize=8, color=GREY)
        kind = row.block.partition("(")[0].removeprefix("Super").removesuffix("BNRELU") if row.layers else "classes"
        axes.text(middle, -4.8, kind, ha="center", va="top", fontsize=7)
        left, before = left + width, row.resolution
    axes.set(xlim=(-0.1, left), ylim=(-5.4, 5.2))
    params, layers = architecture.num_params(CLASSES), architecture.num_layers
    axes.set_title(f"3  One line of text: {layers} layers, {params / 1e6:.1f}M parameters", weight="bold", loc="left")
    axes.axis("off")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--iterations", type=int, default=480_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, default=PICTURE)
    options = parser.parse_args()
    outcome = search(options.iterations, options.seed)
    answer = outcome.ranked[0].architecture
    assert isinstance(answer, Architecture)
    # As wide as a column of text, so that letters in it are as large as those beside it.
    figure = Figure(figsize=(8.6, 6.4), layout="constrained", dpi=180)
    grid = figure.add_gridspec(2, 2, width_ratios=(1, 1.3), height_ratios=(1, 0.62))
    one, two, three = (figure.add_subplot(place) for place in (grid[0, 0], grid[0, 1], grid[1, :]))
    for axes in (one, two, three):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    draw_agreement(one)
    draw_search(two, outcome)
    draw_network(three, answer)
    figure.savefig(options.output)
    print(f"{options.output}: {answer}")


if __name__ == "__main__":
    main()
