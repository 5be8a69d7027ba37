"""Gives crafted folders to every key that takes a path: does anything in them run, is a secret shown, is there a traceback?

    python campaigns/folders.py --count 200

Hypothesis draws what is crafted: records of commands with classes, modules, options and resolvers; YAML, results and tables of
runs; pickles in the place of weights and checkpoints; exported programs; structures, tables, profiles and headers; journals of
tunings; datasets and archives; links, and paths of jobs and files, that lead out of a run; runs whose record names code beside
them; names that are commands for a terminal; and a working directory full of modules, plugins, settings and a git repository.
Every attempt makes a file if it succeeds, and does nothing else; links and paths lead to files that are nobody else's. Each
folder is then given to one to four commands, also under ``task=validate``, in processes forked from this one. Faults: the file
is there; a file elsewhere is made or changed; the value of an environment variable that a record asks for is printed or
written; a command for the terminal is printed; a traceback; a script in a report that a browser would run; a formula in a
table that is written; a command of over 120 s, or one that is refused for a key of its own.
"""

import csv
import os
import re
import sys
import tempfile
import time
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import folder_data
import folder_networks
import folder_places
import folder_records
import folder_runs
import folder_surroundings
from campaign import arguments, drawing, reported, table
from folder_crafted import SEARCH, TINY, TRAIN, TUNE, Attack, Sound
from folder_payloads import MARK, SECRET, Payloads
from forked import Command, import_all

SECONDS = 120
KINDS = {
    **folder_records.KINDS,
    **folder_runs.KINDS,
    **folder_networks.KINDS,
    **folder_data.KINDS,
    **folder_places.KINDS,
    **folder_surroundings.KINDS,
}
_RAW = re.compile(r"[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e]|\x1b(?!\[[0-9;]*[A-HJKm]|\[\?25[hl])|\x1b\[8m|zl\r")
"""What a terminal takes as a command. Colours and moves of the cursor are no fault: other packages make bars of them."""

_RUNS = (b"<script>zl()", b'href="javascript:', b'href="data:text', b"<img src=x", b'src="http')
"""What a browser would run or fetch of a report."""

_SIGNS = tuple("=+-@\uff1d\uff0b\uff0d\uff20")
_HARMLESS = re.compile(r"[+-]{1,2}[\w./+-]*(=[\w./:-]*)?")
"""What begins as a formula does, and is a number, a name or an override."""

_VALUE = "whoever-reads-this-has-read-a-secret"


class Campaign:
    """Crafts folders and looks at what commands do with them.

    Args:
        folder: an empty folder.

    Attributes:
        counts: folders, commands, and how these ended, by what was crafted.
        faults: sentences about what must not be.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.counts: dict[str, Counter[str]] = {name: Counter() for name in KINDS}
        self.faults: list[str] = []
        os.environ[SECRET] = _VALUE
        os.environ["WANDB_MODE"] = "offline"
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        programs = folder / "programs"
        programs.mkdir()
        for name in ("gs", "latex", "dvipng", "xdg-open"):  # Programs that libraries start on files.
            (programs / name).write_text(f"#!/bin/sh\ntouch {folder / MARK}\n")
            (programs / name).chmod(0o755)
        os.environ["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
        self.victim = folder / "own"
        (self.victim / "folder").mkdir(parents=True)
        sys.path.insert(0, str(folder))  # As the root of a checkout, below which folders of others lie in outputs/.
        self.sound = self._sound()

    def _sound(self) -> Sound:
        found = Sound(*(self.folder / name for name in ("train", "search", "tune", "export")))
        commands = [
            ["task=train", f"arch={TINY}", *TRAIN, f"output_dir={found.train}"],
            [*SEARCH, f"output_dir={found.search}"],
            [*TUNE, "tune.trials=2", f"output_dir={found.tune}"],
            ["task=export", f"arch={found.train}", "format=torch_export", "dynamic_size=true", f"output_dir={found.program}"],
        ]  # fmt: skip
        for words in commands:
            command = Command(words, self.folder / "log", lambda: None)
            if not command.wait(300) or command.code != 0:
                raise RuntimeError(f"{' '.join(words)}: {command.log.read_text()[-1500:]}")
        return found._replace(program=next(found.program.rglob("*.pt2")))

    def try_one(self, kind: str, number: int, data: Any) -> None:
        """Craft a folder, and give it to its commands."""
        here = self.folder / f"here-{number}"
        theirs = here / "theirs"
        theirs.mkdir(parents=True)
        mark = self.folder / MARK
        own = [self.victim / "rc", self.victim / "folder" / "result.json", here / "mine.txt"]
        for path in own:
            path.write_text("mine\n")
        attack = KINDS[kind][1](data.draw, theirs, Payloads(mark, self.victim), self.sound)
        before = sorted(self.victim.rglob("*"))
        mark.unlink(missing_ok=True)  # Made as it was crafted, by git.
        self.counts[kind]["folders"] += 1
        for words in attack.commands:
            place = theirs if attack.inside else here
            command = Command(words, self.folder / "log", partial(os.chdir, place))
            if not command.wait(SECONDS):
                command.kill(True)
                self._fault(kind, attack, words, "a hang")
                continue
            self.counts[kind]["commands"] += 1
            said = command.log.read_bytes().decode(errors="replace")
            self.counts[kind]["refused" if command.code else "went on"] += 1
            for what, found in (
                ("ran", mark.exists()),
                ("a traceback", "Traceback" in said),
                ("a secret", _VALUE in said),
                ("raw for a terminal", _RAW.search(said)),
                ("elsewhere", self._elsewhere(own, before)),
                ("no attempt: the command has a key too many", _own_mistake(words, said)),
            ):
                if found:
                    self._fault(kind, attack, words, f"{what}: {said[-700:]!r}")
            mark.unlink(missing_ok=True)
        for path in here.rglob("*"):
            if path.is_file() and not path.is_symlink() and _VALUE.encode() in (content := path.read_bytes()):
                self._fault(kind, attack, [str(path)], "a secret was written")
            elif path.is_file() and path.suffix == ".html" and any(one in content for one in _RUNS):
                self._fault(kind, attack, [str(path)], "a script in a report")
            elif path.suffix == ".csv" and path.is_file() and theirs not in path.parents and _evaluated(path):
                self._fault(kind, attack, [str(path)], "a formula in a table")

    def _elsewhere(self, own: list[Path], before: list[Path]) -> bool:
        """Whether a file that is nobody else's was changed, or one was made beside it; what was is put back."""
        changed = [path for path in own if not path.is_file() or path.read_text() != "mine\n"]
        made = [path for path in sorted(self.victim.rglob("*"), reverse=True) if path not in before]
        for path in made:
            path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
        for path in changed:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("mine\n")
        return bool(changed or made)

    def _fault(self, kind: str, attack: Attack, words: list[str], what: str) -> None:
        self.counts[kind]["faults"] += 1
        self.faults.append(f"{attack.name}; {' '.join(words)}: {what}")
        print(f"FAULT {self.faults[-1]}\n", file=sys.stderr, flush=True)


def _own_mistake(words: list[str], said: str) -> bool:
    """Whether a command was refused for a key of its own, before it looked at the folder."""
    unknown = re.search(r"unknown key ([\w.]+)", said)
    return unknown is not None and any(word.startswith(f"{unknown[1]}=") for word in words)


def _evaluated(path: Path) -> bool:
    """Whether a cell of a table may be evaluated by a spreadsheet, whatever it parts the lines at."""
    cells = []
    for separator in ",;\t":
        with path.open(newline="", encoding="utf-8", errors="replace") as file:
            cells += [cell for row in csv.reader(file, delimiter=separator) for cell in row]
    begun = [cell.lstrip().partition(",")[0] for cell in cells if cell.lstrip().startswith(_SIGNS)]
    return any(not _HARMLESS.fullmatch(cell.strip()) for cell in begun)


def run(count: int, number: int, folder: Path, names: list[str]) -> Campaign:
    """Run the campaign.

    Args:
        count: number of folders.
        number: the seed.
        folder: an empty folder.
        names: of what is crafted.
    """
    import_all()
    campaign = Campaign(folder)
    plan = [name for name in names for _ in range(KINDS[name][0])]
    done = 0

    @drawing(max(1, count), number)
    @given(st.data())
    def trial(data: Any) -> None:
        nonlocal done
        done += 1
        campaign.try_one(data.draw(st.sampled_from(plan)), done, data)

    trial()
    return campaign


def main(words: list[str] | None = None) -> int:
    """Run the campaign of the command line; return 1 where there was a fault."""
    options = arguments(__doc__.splitlines()[0], 200, KINDS).parse_args(words)
    figures: dict[str, Any] = {}
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as folder, reported("folders", options, figures):
        began = time.monotonic()
        try:
            campaign = run(options.count, options.seed, Path(folder), options.kinds)
        finally:
            os.environ.clear()
            os.environ.update(before)
        figures["kinds"] = {name: dict(one) for name, one in campaign.counts.items() if one}
        figures["faults"] = campaign.faults
        print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    columns = ("folders", "commands", "refused", "went on", "faults")
    rows = [[name, *(one[column] for column in columns)] for name, one in campaign.counts.items() if one]
    total = sum(campaign.counts.values(), Counter())
    print(table(["crafted", *columns], [*rows, ["all", *(total[column] for column in columns)]]))
    return int(bool(campaign.faults))


if __name__ == "__main__":
    sys.exit(main())
