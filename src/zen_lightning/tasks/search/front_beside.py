"""The front of another run, drawn in the charts of a front."""

from pathlib import Path
from typing import Any

from zen_lightning.api.front_plan import FrontPlan
from zen_lightning.errors import UserError
from zen_lightning.report.charts.cloud import BESIDE
from zen_lightning.runs.run_folder import Row, RunFolder
from zen_lightning.system.csv_files import write_csv
from zen_lightning.system.named_path import expanded


def front_beside(path: Any, plan: FrontPlan) -> list[Row]:
    """Return the front that another run left.

    Args:
        path: folder of the run; None: no front.
        plan: the front that it is drawn beside.

    Raises:
        UserError: it is no finished search for a front, or its scores cannot be compared.
    """
    if path is None:
        return []
    run = RunFolder.read(expanded(str(path)), "beside")
    rows = run.table("front.csv")
    if not rows:
        raise UserError(f"{run.path} holds no front", key="beside", remedy="name the folder of a run of task=pareto")
    asked = {"proxy": plan.setup.proxy.name, "resolution": plan.resolution, "num_classes": plan.num_classes}
    for key, value in asked.items():
        if run.result.get(key) != value:
            what = f"the front in {run.path} has {key} {run.result.get(key)}, and this one {value}"
            raise UserError(what, key="beside", remedy="name one of the same score, resolution and classes")
    return rows


def write_beside(rows: list[Row], folder: Path) -> None:
    """Write another front into the folder of a run, where its report reads it; without one, remove what was there."""
    if not rows:
        (folder / BESIDE).unlink(missing_ok=True)
        return
    write_csv(folder / BESIDE, list(rows[0]), [tuple(row.values()) for row in rows])
