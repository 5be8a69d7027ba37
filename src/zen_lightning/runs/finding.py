"""The runs below a folder: those with a result, and those without, each with what to do about it."""

import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from zen_lightning.errors import UserError
from zen_lightning.runs.command_line import command_line, override_path
from zen_lightning.runs.command_record import requested_overrides
from zen_lightning.runs.hydra_record import HydraRecord
from zen_lightning.runs.names import PRUNED, RECORD, RESULT, STAGES
from zen_lightning.runs.overrides import parse_overrides, settings
from zen_lightning.runs.result import ResultError, read_result
from zen_lightning.runs.stages_file import read_stages_asked
from zen_lightning.runs.sweep_file import SWEEP, read_sweep
from zen_lightning.system.numbers import short_time

_OVERRIDES = Path(".hydra") / "overrides.yaml"
_SIGNS = (_OVERRIDES, Path(RECORD), Path(STAGES), Path(RESULT))
_SUMS = ("pipeline", "aggregate", "tune")
"""Tasks whose result sums up those of other runs."""

_MOST_BARE = 10_000
"""Folders without a run that are looked through. A choice: seconds; a whole disk, or the folders of many people, have more."""


class Run(NamedTuple):
    """A run with a result.

    Attributes:
        folder: the folder of the run.
        task: such as ``train``.
        stage: the stage of a pipeline; empty where the run is none.
        overrides: what its command asked for, by key; of a stage, what the pipeline was asked for.
        arch: the network that it was given, word for word; empty where none was.
        result: what its ``result.json`` holds.
    """

    folder: Path
    task: str
    stage: str
    overrides: dict[str, str]
    arch: str
    result: dict[str, Any]


class Incomplete(NamedTuple):
    """A run without a result that can be read.

    Attributes:
        folder: the folder of the run.
        state: what there is.
        advice: what to do.
    """

    folder: Path
    state: str
    advice: str


class Found(NamedTuple):
    """What is below some folders, in the order of their names."""

    runs: list[Run]
    incomplete: list[Incomplete]


def find_runs(folders: Sequence[Path], without: Path | None = None) -> Found:
    """Return all runs in and below some folders; links to folders are not followed.

    A pipeline counts as its stages. Runs that only sum up others (``task=aggregate``, ``task=tune``) are left out, and appear
    only where they have no result. Jobs of a sweep appear also where they have left nothing.

    Args:
        folders: the folders to look through.
        without: folder of a run that is left out, with or without a result; what is below it is not.

    Raises:
        UserError: a folder does not exist, is a file, or has very many folders without a run below it.
    """
    found = Found([], [])
    walk = _Walk(without.resolve() if without is not None else None)
    for folder in folders:
        if not folder.is_dir():
            raise UserError(f"sweep={folder}: {'is a file' if folder.exists() else 'there is no such folder'}")
        walk.begin(folder)
        for one in _below(folder, folder.resolve(), None, walk):
            (found.runs if isinstance(one, Run) else found.incomplete).append(one)  # type: ignore[arg-type]
    return found


class _Pipeline(NamedTuple):
    """What the folder of a pipeline says of its stages."""

    overrides: list[str]
    stages: dict[str, list[str]]


class _Walk:
    """What is known while folders are looked through.

    Args:
        without: folder of a run that is left out.
    """

    def __init__(self, without: Path | None) -> None:
        self.without = without
        self.seen: set[Path] = set()

    def begin(self, root: Path) -> None:
        """Begin with a folder."""
        self._root, self._bare = root, 0

    def count_bare(self) -> None:
        """Count a folder that holds no run, and is part of none.

        Raises:
            UserError: there are too many of them.
        """
        self._bare += 1
        if self._bare > _MOST_BARE:
            what = f"more than {_MOST_BARE:,} folders below it hold no run"
            raise UserError(what, key="sweep", value=self._root, remedy="name the folder that the runs are in")


def _below(
    folder: Path, resolved: Path, above: _Pipeline | None, walk: _Walk, in_run: bool = False
) -> Iterator[Run | Incomplete]:
    """Yield what is in a folder, and then what is below it."""
    if resolved in walk.seen:
        return
    walk.seen.add(resolved)
    try:
        with os.scandir(folder) as entries:
            children = sorted(one.name for one in entries if one.is_dir(follow_symlinks=False) and one.name[0] != ".")
    except OSError as error:
        yield Incomplete(folder, f"cannot be read: {error.strerror}", "make it readable")
        return
    pipeline = None
    is_run = resolved != walk.without and _is_run(folder)
    if not is_run and not in_run:
        walk.count_bare()
    if is_run:
        try:
            overrides = _asked(folder)
            pipeline = _Pipeline(overrides, read_stages_asked(folder)) if (folder / STAGES).exists() else None
        except (OSError, ValueError, TypeError, AttributeError) as error:
            yield Incomplete(folder, f"its record of overrides cannot be read ({_reason(error)})", _AGAIN)
        else:
            yield from _run(folder, overrides, above, pipeline)
    for name in children:
        yield from _below(folder / name, resolved / name, pipeline, walk, is_run or in_run)
    yield from _missing_jobs(folder)


def _is_run(folder: Path) -> bool:
    return any((folder / sign).exists() for sign in _SIGNS)


def _missing_jobs(folder: Path) -> Iterator[Incomplete]:
    """Yield the jobs of a sweep that have left nothing of a run in their folder."""
    try:
        sweep = read_sweep(folder)
    except UserError:
        yield Incomplete(folder, f"its {SWEEP} is damaged: jobs that left nothing are not known", "start the sweep again")
        return
    for job in sweep["jobs"] if sweep is not None else []:
        place = folder / str(job.get("folder", ""))
        if not _is_run(place):
            error = f": {job['error']}" if job.get("error") else ""
            state = f"job {job.get('job')} of a sweep, {job.get('state')}, left nothing{error}"
            yield Incomplete(place, state, command_line([f"resume={override_path(folder)}"]))


def _run(folder: Path, overrides: list[str], above: _Pipeline | None, own: _Pipeline | None) -> Iterator[Run | Incomplete]:
    asked = settings(overrides)
    task = "pipeline" if own is not None else asked.get("task", "search")
    incomplete = partial(Incomplete, folder)
    if not (folder / RESULT).exists():
        if above is None or own is not None:
            yield _unfinished(folder, overrides, own)
        elif folder.name in above.stages:
            yield incomplete(f"a stage without a result; last written to {_ago(folder)}", "continue its pipeline, see there")
        return
    try:
        result = read_result(folder)
    except ResultError as error:
        yield incomplete(error.said, _way_on(folder, overrides))
        return
    task = str(result.get("task", task))
    if task in _SUMS:
        return
    if above is not None and folder.name in above.stages:
        arch = settings(above.stages[folder.name]).get("arch", "")
        yield Run(folder, task, folder.name, settings(above.overrides), arch, result)
    else:
        yield Run(folder, task, "", asked, asked.get("arch", ""), result)


_AGAIN = "run it again, in another folder"


def _unfinished(folder: Path, overrides: list[str], pipeline: _Pipeline | None) -> Incomplete:
    ago = f"last written to {_ago(folder)}"
    if (folder / PRUNED).exists():
        return Incomplete(
            folder, "pruned: its study stopped it early", f"nothing; to train it to the end: {_way_on(folder, [])}"
        )
    if pipeline is not None:
        stage = next((name for name in pipeline.stages if not (folder / name / RESULT).exists()), None)
        where = f"stopped in its stage {stage}" if stage else "stopped between two stages"
        return Incomplete(folder, f"{where}; {ago}", _way_on(folder, overrides))
    if _is_recorded(folder):
        return Incomplete(folder, f"unfinished; {ago}", _way_on(folder, overrides))
    return Incomplete(folder, f"started and left nothing, failed or stopped at its start; {ago}", _way_on(folder, overrides))


def _way_on(folder: Path, overrides: list[str]) -> str:
    if _is_recorded(folder):
        return command_line([f"resume={override_path(folder)}"])
    kept = [one.whole for one in parse_overrides(overrides) if not one.names_place]
    return command_line([*kept, f"output_dir={override_path(folder)}"])


def _asked(folder: Path) -> list[str]:
    """Return the overrides of the command that began a run; none where nothing is recorded.

    Hydra's own record is rewritten by every command that names the folder, so the run's own record takes precedence.
    """
    if (folder / RECORD).is_file():
        return requested_overrides(folder)
    hydra = HydraRecord(folder)
    if not hydra.exists:
        return []
    if hydra.overrides is None:
        raise ValueError("not YAML")
    return hydra.overrides


def _is_recorded(folder: Path) -> bool:
    with contextlib.suppress(UserError):
        requested_overrides(folder)
        return True
    return False


def _ago(folder: Path) -> str:
    times = [path.stat().st_mtime for path in (*folder.iterdir(), *folder.glob("*/*")) if path.exists()]
    return f"{short_time(max(0.0, time.time() - max(times, default=0.0)))} ago"


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return "cut short or damaged" if isinstance(error, ValueError) else "not what a run writes"
