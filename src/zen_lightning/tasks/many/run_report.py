"""Leaves ``report.html`` and ``network.svg`` in the folder of a run."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from zen_lightning.errors import UserError, first_line
from zen_lightning.report.html.reading import architecture_of, blocks_of
from zen_lightning.report.html.report import SectionOf, build_report
from zen_lightning.report.network_drawing import draw_network
from zen_lightning.runs.names import REPORT, RESULT
from zen_lightning.runs.run_folder import RunFolder
from zen_lightning.system.files import write_text
from zen_lightning.system.processes import is_main_process
from zen_lightning.system.short_path import short_path
from zen_lightning.tasks.base import Task
from zen_lightning.tasks.passing import task_named

DRAWING = "network.svg"

_WITHOUT = ("report",)


def leave_report(folder: Path, task: type[Task[Any]]) -> None:
    """Write the report of a run that has just ended; what goes wrong with it is a sentence, and does not fail the run.

    Args:
        folder: of the run.
        task: what was run.
    """
    if not is_main_process() or task.name in _WITHOUT or not (folder / RESULT).is_file():
        return
    try:
        path = write_report(folder, task)
    except Exception as error:
        kind = "" if isinstance(error, UserError) else f"{type(error).__name__}: "
        print(f"no {REPORT}: {kind}{error}")
    else:
        print(f"report: {short_path(path)}")


def write_report(folder: Path, task: type[Task[Any]] | None = None, folders: Sequence[Path] = ()) -> Path:
    """Write ``report.html``, and ``network.svg`` where the run is about a network; return the path of the report.

    Args:
        folder: of a finished run; nothing but its files is needed.
        task: what was run; None: what the folder says. One that is not known here shows its result as it is.
        folders: the configuration folders that are searched for a task besides the shipped one. Those that the folder itself
            names are not: a file there would say what is imported.

    Raises:
        UserError: there is no finished run in the folder, or its files hold what none of them has.
    """
    run = RunFolder.read(folder)
    try:
        return _written(run, folder, _sections(run, folders) if task is None else task.sections)
    except UserError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        what = f"its tables or its result hold what no report can show ({type(error).__name__}: {first_line(error)})"
        raise UserError(what, key="run", value=folder, remedy="run it again, in another folder") from error


def _written(run: RunFolder, folder: Path, sections: Sequence[SectionOf | str]) -> Path:
    architecture = architecture_of(run)
    if architecture is not None:
        drawing = draw_network(blocks_of(run, architecture), run.result["resolution"], str(architecture))
        write_text(folder / DRAWING, drawing + "\n")
    write_text(folder / REPORT, build_report(run, sections))
    return folder / REPORT


def _sections(run: RunFolder, folders: Sequence[Path]) -> Sequence[SectionOf | str]:
    try:
        return task_named(run.task, folders).sections
    except UserError:
        return ()
