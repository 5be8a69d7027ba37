"""Links in a folder that lead out of it: what a command writes there would go elsewhere."""

import os
from collections.abc import Iterator
from pathlib import Path

from zen_lightning.errors import UserError


def check_contained(folder: Path, key: str) -> None:
    """Raise a UserError where writing below a folder would write elsewhere, or wait for somebody.

    Folders are exchanged, and an archive may hold links: a journal that leads to ``~/.bashrc`` would be appended to. Links that
    stay within the folder are its own business.

    Args:
        folder: the folder that a command is about to continue; nothing is wrong with one that is not there.
        key: the key that names it, for the error.
    """
    if not folder.is_dir():
        return
    root = folder.resolve()
    for path in _below(root):
        if path.is_symlink():
            target = Path(os.path.realpath(path))
            if not target.is_relative_to(root):
                what = f"{folder / path.relative_to(root)} leads to {target}, where this command would write"
                remedy = f"put what it leads to in its place, delete it, or trust the folder with trust={folder}"
                raise UserError(what, key=key, remedy=remedy)
        elif path.is_fifo() or path.is_char_device() or path.is_block_device():
            what = f"{folder / path.relative_to(root)} is neither a file nor a folder"
            raise UserError(what, key=key, remedy="delete it")


def _below(folder: Path) -> Iterator[Path]:
    """Yield everything below a folder but folders; links are not followed."""
    waiting = [folder]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as found:
                entries = list(found)
        except OSError:  # Another process has just deleted it, or it cannot be read: nothing is written there either.
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))
            else:
                yield Path(entry.path)
