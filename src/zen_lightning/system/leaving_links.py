"""Links in a folder that lead out of it: what a command writes there would go elsewhere."""

import os
import shlex
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from zen_lightning.errors import UserError

_OF_RUNS = ("command.json", "sweep.json", "stages.json", "result.json", "job.json")
"""Files by which the folder of a run, a sweep, a pipeline or a job is known."""

_WRITTEN = (
    *(*_OF_RUNS, ".hydra", "journal", "checkpoints", "structures", "depths", "wandb", "mlruns", "tensorboard"),
    *("scores.jsonl", "history.csv", "job.log", "report.html", ".sha256", "multirun.yaml"),
)
"""Names that runs write to, of which some are continued in place; other links beside them are their owner's business."""

_REPLACED = (*_OF_RUNS, "checkpoints", "structures", "history.csv", "report.html", ".sha256")
"""Of these, what is only ever replaced as a whole, which leaves another name of it as it was: a checkpoint may have one. Hydra
and trackers write to what is there."""

_GROWING = (".jsonl", ".log")
"""Files that runs append to, under any name."""

_DEEP = 2
"""Levels of a folder of no run that are looked at: its own, and those of jobs below it."""


def check_contained(folder: Path, key: str) -> None:
    """Raise a UserError where writing below a folder would write elsewhere, or wait for somebody.

    Folders are exchanged, and an archive may hold links: a journal that leads to ``~/.bashrc`` would be appended to. Links that
    stay within the folder are its own business. In a folder that is none of a run, such as that of a project, only what has
    the name of a run's file counts: it may hold data and environments that lead elsewhere.

    Args:
        folder: the folder that a command is about to continue; nothing is wrong with one that is not there.
        key: the key that names it, for the error.
    """
    if not folder.is_dir():
        return
    root = folder.resolve()
    names: Counter[tuple[int, int]] = Counter()
    linked: list[tuple[Path, os.stat_result]] = []
    for path in _below(root) if _is_of_run(root) else _written(root, _DEEP):
        if path.is_symlink():
            target = Path(os.path.realpath(path))
            if not target.is_relative_to(root):
                what = f"{folder / path.relative_to(root)} leads to {target}, where this command would write"
                remedy = (
                    f"put what it leads to in its place, delete it, or trust the folder with {shlex.quote(f'trust={folder}')}"
                )
                raise UserError(what, key=key, remedy=remedy)
        elif path.is_fifo() or path.is_char_device() or path.is_block_device():
            what = f"{folder / path.relative_to(root)} is neither a file nor a folder"
            raise UserError(what, key=key, remedy="delete it")
        elif (found := _with_more_names(path)) is not None:
            names[found.st_dev, found.st_ino] += 1
            if _is_written_in_place(path.relative_to(root)):
                linked.append((path, found))
    for path, found in linked:
        if found.st_nlink > names[found.st_dev, found.st_ino]:
            what = f"{folder / path.relative_to(root)} has another name elsewhere (a hard link), where this command would write"
            remedy = f"put a copy in its place, or trust the folder with {shlex.quote(f'trust={folder}')}"
            raise UserError(what, key=key, remedy=remedy)


def _with_more_names(path: Path) -> os.stat_result | None:
    try:
        found = path.lstat()
    except OSError:  # Another process has just deleted it.
        return None
    return found if found.st_nlink > 1 and stat.S_ISREG(found.st_mode) else None


def _is_written_in_place(path: Path) -> bool:
    """Whether runs write to a file that is there.

    Args:
        path: as seen from the folder of the run.
    """
    return path.suffix in _GROWING or not set(_WRITTEN).difference(_REPLACED).isdisjoint(path.parts)


def _is_of_run(folder: Path) -> bool:
    return any((folder / name).exists() for name in _OF_RUNS)


def _written(folder: Path, levels: int) -> Iterator[Path]:
    """Yield what runs write to in a folder that is none of a run, and in those below it."""
    for entry in _entries(folder):
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.name in _WRITTEN:
            yield from _below(Path(entry.path)) if is_folder else [Path(entry.path)]
        elif is_folder and levels > 1:
            yield from _below(Path(entry.path)) if _is_of_run(Path(entry.path)) else _written(Path(entry.path), levels - 1)


def _below(folder: Path) -> Iterator[Path]:
    """Yield everything below a folder but folders; links are not followed."""
    waiting = [folder]
    while waiting:
        for entry in _entries(waiting.pop()):
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))
            else:
                yield Path(entry.path)


def _entries(folder: Path | str) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as found:
            return list(found)
    except OSError:  # Another process has just deleted it, or it cannot be read: nothing is written there either.
        return []
