"""The start of the run of a search, and what is shown while it runs."""

import contextlib
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from zen_lightning.api.search_files import BOUNDS
from zen_lightning.errors import UserError
from zen_lightning.latency.profile import profile_path
from zen_lightning.report.terminal.search_events import SearchEvents
from zen_lightning.runs.command import Command
from zen_lightning.runs.command_line import resuming
from zen_lightning.runs.command_record import write_record
from zen_lightning.runs.overrides import parse_overrides
from zen_lightning.runs.result import ResultError, read_result
from zen_lightning.search.events import DepthChosen, Event, Searched, Searching
from zen_lightning.search.restarts import journal_path
from zen_lightning.search.run import Progress, SearchSetup
from zen_lightning.tasks.search.rows import SearchRows
from zen_lightning.tasks.tracking import tracking


def refuse_overwrite(resume: str | None, folder: Path) -> None:
    """Raise a UserError where the folder holds a search that this command does not continue."""
    if resume is None and (journal_path(folder, 0).exists() or (folder / BOUNDS).exists() or _has_found(folder)):
        what = f"{folder} already holds a search"
        remedy = f"continue it with {resuming(folder)}, or choose another output_dir"
        raise UserError(what, key="output_dir", remedy=remedy)


def _has_found(folder: Path) -> bool:
    """Whether a folder has the result of a search: its journal may have been left out of a copy."""
    try:
        return read_result(folder).get("task") in ("search", "pareto")
    except ResultError:
        return False


def say_finished(resume: str | None, folder: Path, iterations: int) -> None:
    """Say where the search that is continued has all its iterations.

    Args:
        resume: as in the configuration; None where nothing is continued.
        folder: the folder of the run.
        iterations: of all restarts; 0 of the exact optimiser.
    """
    if resume is None:
        return
    if iterations and not journal_path(folder, 0).exists():
        print(f"there is no journal in {folder}: the search begins anew", file=sys.stderr)
    with contextlib.suppress(ResultError):
        result = read_result(folder)
        if not iterations:
            ended = "ended by its time" if result.get("stopped_by_time") else "already finished"
            print(f"{ended}: the exact optimiser keeps nothing to continue from, so all of it is done again")
            return
        done = result.get("iterations", 0)
        if done >= iterations:
            more = f"search.iterations={2 * iterations:,}".replace(",", "")
            print(f"already finished: all {done:,} iterations are done, its files are written again; {more}, say, continues it")


def record_search(folder: Path, command: Command, setup: SearchSetup) -> None:
    """Record the command of a search, so that it is continued from the same start in any folder.

    Args:
        folder: the folder of the run.
        command: what the command line said.
        setup: what is searched.
    """
    asked, measured = setup.asked_start or setup.start, not all(limit.repeatable for limit in setup.budget.limits)
    # Measured again, another start might be the first that is quick enough.
    added = {"start": str(setup.start)} if measured and setup.asked_start is not None else {}
    write_record(folder, list(command.overrides), added, start=str(asked), **_profiles(command))


def _profiles(command: Command) -> dict[str, str]:
    """Return the whole paths of profiles that the command line names by names of this folder."""
    said = [one for one in parse_overrides(command.overrides) if one.key in ("latency.profile", "latency.without_gpu")]
    found = {}
    for one in said:
        with contextlib.suppress(UserError):
            path = profile_path(one.value)
            if not path.is_absolute():
                found[one.key] = str(path.absolute())
    return found


class Told:
    """Shows the events of a search, and logs its history to the trackers of the run; use it as a context manager.

    Args:
        folder: the folder of the run; the choice of a depth is left there.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shown = SearchEvents()
        self._rows: SearchRows | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._shown.__exit__(kind, error, trace)

    def __call__(self, event: Event) -> None:
        """Show an event, and log its rows."""
        if isinstance(event, Searching):
            self._shown(event)
            self._rows = SearchRows(tracking(), self._shown, event.restarts)
        elif isinstance(event, Progress) and self._rows is not None:
            self._rows(event)
        elif isinstance(event, DepthChosen):
            from zen_lightning.tasks.search.depths import leave_depths

            leave_depths(event, self._folder)
        else:
            self._shown(event)
        if isinstance(event, Searched) and self._rows is not None:
            self._rows.finish(event.outcomes)
