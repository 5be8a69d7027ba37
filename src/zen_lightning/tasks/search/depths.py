"""The files and the table of the choice of a depth."""

from pathlib import Path

from zen_lightning.errors import MissingExtraError
from zen_lightning.report import png
from zen_lightning.report.charts.depths import depth_charts
from zen_lightning.report.terminal.table import Table
from zen_lightning.search.depth_choice import TRAINING, Depth, best_depth, chosen_by
from zen_lightning.search.events import DepthChosen
from zen_lightning.system.csv_files import write_csv
from zen_lightning.system.numbers import score_text


def leave_depths(event: DepthChosen, folder: Path) -> None:
    """Write ``depths.csv`` and ``depths.png`` next to ``depths.json``, and print the table.

    Args:
        event: the choice.
        folder: the folder of the run.
    """
    depths, chosen = list(event.depths), best_depth(event.depths)
    write_csv(folder / "depths.csv", Depth._fields, depths)
    try:
        png.draw(folder / "depths.png", depth_charts([one._asdict() for one in depths], event.proxy))
    except MissingExtraError as error:
        print(f"no plot of the depths: {error}")
    trained = chosen_by(depths) == TRAINING
    judge, headings = ("training", ["trained"]) if trained else ("the calibrated score", [])
    table = Table(
        f"Depth: {judge} chose at most {chosen.limit} layers",
        ["at most", "layers", event.proxy, "calibrated", "estimate", *headings, ""],
    )
    for one in depths:
        top1 = "-" if one.top1 is None else f"{one.top1:.1f}%"
        reached = [f"{one.trained:.2f}%"] if one.trained is not None else []
        mark = "chosen" if one is chosen else ""
        table.add(one.limit, one.layers, score_text(one.score), f"{one.calibrated:.3f}", top1, *reached, mark)
    print()
    table.print()
