"""What ``resume=`` replays from the files of a folder: data of whoever wrote them, which must not choose what is run."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from zen_lightning.cli.known_names import names_with
from zen_lightning.cli.replayed_danger import OPTION, danger_of
from zen_lightning.errors import UserError
from zen_lightning.runs.overrides import Override
from zen_lightning.system.named_path import expanded

_SWEEP = ("-m", "--multirun")


class Replay:
    """Takes what a file of a folder says, as far as it runs nothing but this package.

    What the command line says again is taken too, and so is everything of a folder that it trusts.

    Args:
        path: of the file.
        said: the present command line.
        later: overrides of it that follow those that are replayed.
        trusted: folders whose files may choose what is run.
        folders: of configuration, which the present command line names.
        directory: that the file says the command runs in; None: the working directory.
    """

    def __init__(
        self,
        path: Path,
        said: Sequence[str],
        later: Sequence[str],
        trusted: Sequence[Path],
        folders: Sequence[Path],
        directory: Path | None = None,
    ) -> None:
        self._elsewhere = directory if directory is not None and directory.is_dir() and not directory.samefile(".") else None
        self._path = path
        self._names = names_with(folders)
        self._said = frozenset(said)
        self._later = {_bare(override) for override in later}
        self._trusts = any(path.resolve().is_relative_to(folder) for folder in trusted)

    def overrides(self, replayed: Sequence[str]) -> list[str]:
        """Return the overrides that are to be replayed.

        Raises:
            UserError: one would run what neither is of this package nor named by the command line.
        """
        taken = []
        for override in replayed:
            danger = None if override in self._said else danger_of(override, self._names) or self._written_elsewhere(override)
            if danger is not None and _bare(override) in self._later:
                continue  # The command line says what holds.
            if danger is not None:
                self._take(override, danger)
            taken.append(override)
        return taken

    def options(self, replayed: Sequence[str], folders: Sequence[Path], known: Sequence[Path]) -> list[str]:
        """Return the options of Hydra that are to be replayed; errors as for :meth:`overrides`.

        Args:
            replayed: options, with their values.
            folders: of configuration that they name.
            known: those that the command line names.
        """
        said = {folder.resolve() for folder in known}
        if folders and {folder.resolve() for folder in folders} <= said:
            replayed = [option for option in replayed if option in _SWEEP]  # The command line names the folders again.
        others = " ".join(option for option in replayed if option not in _SWEEP)
        if others:
            self._take(others, OPTION)
        return list(replayed)

    def _written_elsewhere(self, override: str) -> str | None:
        one = Override.parse(override)
        if one.key != "output" or self._elsewhere is None or one.value in ("", "null"):
            return None
        return f"{self._elsewhere / one.value}, outside of the working directory, would be written"

    def _take(self, what: str, danger: str) -> None:
        folder = self._path.parent
        if not self._trusts:
            remedy = (
                "a folder of somebody else must not choose what runs here; if you know what it does, "
                f"say it again on this command line, or trust the folder with {shlex.quote(f'trust={folder}')}"
            )
            raise UserError(f"{self._path} holds {what}: {danger}", key="resume", remedy=remedy)
        print(f"trust={folder}: taken from {self._path.name}: {what} ({danger})", file=sys.stderr)


def trusted_folders(arguments: Sequence[str]) -> tuple[list[Path], list[str]]:
    """Return the folders that ``trust=`` names, and the other arguments.

    Raises:
        UserError: there is no such folder.
    """
    said = [Override.parse(argument) for argument in arguments]
    folders = [expanded(one.value) for one in said if one.key == "trust" and not one.sign]
    for folder in folders:
        if not folder.is_dir():
            what, remedy = "there is no such folder", "give the folder of the run whose record may choose what is run"
            raise UserError(what, key="trust", value=folder, remedy=remedy)
    others = [one.whole for one in said if one.key != "trust" or one.sign]
    return [folder.resolve() for folder in folders], others


def _bare(override: str) -> str:
    return override.partition("=")[0].lstrip("+~")
