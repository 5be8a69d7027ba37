"""Draw docs/images/closed_form.png: how close the closed form is on the structures that it was not fitted to.

The structures and their Monte-Carlo scores are those of data/closed_form_truth.jsonl; see closed_form_truth.py.
"""

import json
import statistics
from pathlib import Path
from typing import Any, NamedTuple

from matplotlib.figure import Figure

from common import ROOT, spearman
from zen_lightning.arch import Architecture
from zen_lightning.proxy.closed_form import ZenClosedForm
from zen_lightning.report.png import BLUE, GREY, RED

PICTURE = ROOT / "docs" / "images" / "closed_form.png"
TRUTH = Path(__file__).parent / "data" / "closed_form_truth.jsonl"
READINGS = ("batch", "running")


class Compared(NamedTuple):
    """A structure by both estimates.

    Attributes:
        layers: of the structure.
        measured: mean of the Monte-Carlo draws.
        error: standard error of that mean, relative to it.
        closed: the closed form.
    """

    layers: int
    measured: float
    error: float
    closed: float

    @property
    def off(self) -> float:
        """Relative error of the closed form."""
        return self.closed / self.measured - 1


def held_out(reading: str) -> list[Compared]:
    """Return the half of the structures that the constants were not fitted on; 1 x 1 feature maps are left out, as there."""
    entries = [json.loads(line) for line in TRUTH.read_text().splitlines()]
    kept = [entry for entry in entries if not (entry["space"] == "mobilenet" and entry["resolution"] == 32)][1::2]
    found = []
    for entry in kept:
        arch, draws = Architecture.parse(entry["structure"]), entry[reading]
        mean = statistics.fmean(draws)
        error = statistics.stdev(draws) / len(draws) ** 0.5 / mean
        closed = ZenClosedForm(entry["resolution"], bn_variance=reading).score(arch).value
        found.append(Compared(arch.num_layers, mean, error, closed))
    return found


def draw_agreement(axes: Any, found: list[Compared], color: str, label: str) -> None:
    """Draw the closed form against Monte-Carlo."""
    rho = spearman([one.closed for one in found], [one.measured for one in found])
    label = f"{label}: Spearman {rho:.4f}"
    axes.scatter(
        [one.measured for one in found], [one.closed for one in found], s=12, color=color, alpha=0.6, lw=0, label=label
    )


def main() -> None:
    figure = Figure(figsize=(9, 4), layout="constrained", dpi=110)
    left, right = figure.subplots(1, 2, width_ratios=(1, 1.3))
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(alpha=0.25)
    left.axline((100, 100), slope=1, color=GREY, lw=1, ls=":")
    right.axhline(0, color=GREY, lw=1, ls=":")
    for reading, color in zip(READINGS, (BLUE, RED), strict=True):
        found = held_out(reading)
        draw_agreement(left, found, color, reading)
        layers, off = [one.layers for one in found], [100 * one.off for one in found]
        noise = [200 * one.error for one in found]
        mean = statistics.fmean(map(abs, off))
        label = f"{reading}: mean {mean:.2f}%, largest {max(map(abs, off)):.2f}%"
        right.errorbar(layers, off, yerr=noise, fmt="o", ms=3, elinewidth=0.6, color=color, alpha=0.6, label=label)
    left.set(xlabel="Monte-Carlo", ylabel="closed form")
    left.set_title(f"{len(found)} held-out structures", loc="left")
    right.set(xlabel="layers", ylabel="error of the closed form, percent")
    right.set_title("Bars: two standard errors of Monte-Carlo", loc="left")
    for axes in (left, right):
        axes.legend(loc="upper left", frameon=False, fontsize=8)
    figure.savefig(PICTURE)
    print(PICTURE)


if __name__ == "__main__":
    main()
