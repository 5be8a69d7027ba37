"""Puts what is no file, never ends, or takes all memory, in the place of every kind of file that is read, and reads it.

    python campaigns/odd_files.py

In the place of each file comes: an empty file, a folder, a pipe that nobody writes to, a link to itself and to ``/dev/zero``, a
file that only its owner may read; 20 GB of zeros, alone and after the sound file, as a file with holes; a gigabyte in one line
of text, of CSV and of JSON; brackets nested a million levels deep; 31 MiB of JSON that become many objects; 20 GB of zeros
packed by gzip and by zip; a table of NumPy and weights of safetensors that declare 20 GB. Each is read in a process of its own,
by what reads it in a run. What reading may come to: a sentence; what was written; nothing, where that is missing as a cache may
be; and, of what users write by hand, something else. A traceback, more than a minute and more than 1.5 GB are faults.
"""

import contextlib
import os
import pickle
import resource
import signal
import sys
import tempfile
import time
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

from bombs import BOMBS, make_bombs
from campaign import apart, arguments, memory_limited, outcome_table, reported
from damage_kinds import Kind, kinds
from zen_lightning.errors import UserError

_LONGEST = 60.0
_MOST_MEMORY = 1.5e9
_NOBODY = 65534
OUTCOMES = ("refused", "unchanged", "as none", "as after a kill", "changed by hand", "changed", "raw", "hangs", "memory")
FAULTS = ("changed", "raw", "hangs", "memory")
PLAIN = ("emptied", "a folder", "a pipe", "a link to itself", "a link to /dev/zero", "unreadable")
THINGS = (*PLAIN, *BOMBS)


def put(thing: str, path: Path, sound: bytes, bombs: Path) -> None:
    """Put something in the place of a file that is not there."""
    if thing == "a folder":
        path.mkdir()
    elif thing == "a pipe":
        os.mkfifo(path)
    elif thing == "a link to itself":
        path.symlink_to(path.name)
    elif thing == "a link to /dev/zero":
        path.symlink_to("/dev/zero")
    elif thing in ("emptied", "unreadable"):
        path.write_bytes(b"" if thing == "emptied" else sound)
        path.chmod(0o644 if thing == "emptied" else 0)
    elif thing == "sound, then 20 GB of zeros":
        path.write_bytes(sound)
        os.truncate(path, 20 * 10**9)
    else:
        os.link(bombs / BOMBS[thing], path)


def remove(path: Path) -> None:
    """Remove what :func:`put` has put there."""
    with contextlib.suppress(FileNotFoundError):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


class Campaign:
    """Puts things in the place of files and counts what reading them came to.

    Args:
        found: the kinds of files.
        bombs: folder of the large files.

    Attributes:
        counts: outcomes by kind.
        faults: sentences about what must not be.
        peak: the most memory that reading took, in bytes.
    """

    def __init__(self, found: list[Kind], bombs: Path) -> None:
        self.bombs = bombs
        self.counts: dict[str, Counter[str]] = {kind.name: Counter() for kind in found}
        self.faults: list[str] = []
        self.peak = 0

    def try_one(self, kind: Kind, thing: str) -> None:
        """Read what is no such file, and put the sound one back."""
        value, sound = apart(kind.read), kind.path.read_bytes()
        kind.path.unlink()
        put(thing, kind.path, sound, self.bombs)
        try:
            outcome, said = self._apart(kind, value, thing)
        finally:
            remove(kind.path)
            kind.path.write_bytes(sound)
        self.counts[kind.name][outcome] += 1
        if outcome in FAULTS:
            self.faults.append(f"{kind.name}, {thing}: {outcome}: {said}")
            print(self.faults[-1], flush=True)

    def _apart(self, kind: Kind, value: Any, thing: str) -> tuple[str, str]:
        """Read in a process of its own, and watch it."""
        before = _memory(os.getpid())
        reader, writer = os.pipe()
        sys.stdout.flush()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            if thing == "unreadable" and os.geteuid() == 0:  # Whom permissions do not bind.
                os.setgroups([])
                os.setuid(_NOBODY)
            with memory_limited(_allowed(before)):
                found = _outcome(kind, value)
            os.write(writer, pickle.dumps(found))
            os._exit(0)
        os.close(writer)
        began, most, wrong = time.monotonic(), 0, ""
        while os.waitpid(pid, os.WNOHANG) == (0, 0):
            most = max(most, _memory(pid) - before)
            wrong = "memory" if most > _MOST_MEMORY else "hangs" if time.monotonic() - began > _LONGEST else ""
            if wrong:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                break
            time.sleep(0.01)
        said = b"".join(iter(lambda: os.read(reader, 1 << 16), b""))
        os.close(reader)
        self.peak = max(self.peak, most)
        if wrong:
            return wrong, f"{most / 1e6:.0f} MB, {time.monotonic() - began:.0f} s"
        return pickle.loads(said) if said else ("raw", "the process has died")


def _outcome(kind: Kind, value: Any) -> tuple[str, str]:
    try:
        found = kind.read()
        if found == value:
            return "unchanged", ""
        if found is None:
            return "as none", ""
        if kind.grows and list(found) == list(value)[: len(found)]:
            return "as after a kill", ""
    except UserError as error:
        return ("refused" if kind.path.name in str(error) or not kind.guarded else "raw"), str(error)
    except OSError as error:  # The command line tells of it, with its file.
        return ("refused" if str(error.filename).startswith(str(kind.path.parent)) else "raw"), repr(error)
    except BaseException as error:
        return "raw", f"{type(error).__name__}: {str(error)[:200]}"
    return ("changed" if kind.guarded else "changed by hand"), ""


def _memory(pid: int) -> int:
    """Return the memory of a process that is its own, in bytes: what it maps of a file can be dropped."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            return sum(int(line.split()[1]) * 1024 for line in file if line.startswith("RssAnon:"))
    except OSError:
        return 0


def _allowed(before: int) -> int:
    """Return the memory with which a process that reads ends before the machine has none left, also between two looks at it."""
    with open("/proc/self/statm", encoding="ascii") as file:
        pages = int(file.read().split()[0])
    return before + 6 * 2**30 + pages * resource.getpagesize()


def main(words: list[str] | None = None) -> int:
    """Run the campaign of the command line; return 1 where there was a fault."""
    options = arguments(__doc__.splitlines()[0], 10**6, THINGS).parse_args(words)
    warnings.simplefilter("ignore")
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, reported("odd_files", options, figures):
        place = Path(folder)
        place.chmod(0o755)
        make_bombs(place / "bombs", options.kinds)
        campaign = Campaign(found := kinds(place), place / "bombs")
        for kind in found:
            for thing in options.kinds:
                campaign.try_one(kind, thing)
        figures["inputs"] = sum(sum(one.values()) for one in campaign.counts.values())
        figures["outcomes"] = {name: dict(one) for name, one in campaign.counts.items()}
        figures["largest memory"] = f"{campaign.peak / 1e6:.0f} MB"
        figures["faults"] = campaign.faults
    print(outcome_table(campaign.counts, OUTCOMES))
    return int(bool(campaign.faults))


if __name__ == "__main__":
    sys.exit(main())
