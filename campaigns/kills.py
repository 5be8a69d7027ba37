"""Kills whole commands with -9 at random moments, resumes them, and compares what they leave with that of an undisturbed run.

    python campaigns/kills.py --count 200
    python campaigns/kills.py --count 20 --kinds tune profile

Hypothesis draws a kind of command, one to three moments, and whether its main process alone is killed or, as by a machine that
goes down, all of its processes. Every command is a process forked from this one, which has imported the packages: its first
seconds, in which nothing has begun, are left out. After each kill ``resume=DIR`` goes on (the same command again, where
nothing was kept yet); the last one runs to its end. Compared is every number and text in its results, tables, structures and
weights, but those in which two undisturbed runs differ too: times, paths, names. Faults: a value that differs, an exit code
other than 0, a traceback, a process that is left 20 seconds after its main process was killed.
"""

import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from campaign import arguments, drawing, reported, table
from forked import Command, import_all
from kill_kinds import KINDS, Case
from kill_results import values_of

_LONGEST = 300.0
"""Seconds after which a command that was to end hangs."""


class Campaign:
    """Undisturbed runs, and disturbed ones that are compared with them.

    Args:
        folder: an empty folder.
        cases: kinds of commands, by name.

    Attributes:
        counts: kills, comparisons and faults, by kind.
        used: bytes that an undisturbed run leaves, by kind.
        faults: sentences about what must not be.
    """

    how = "killed after"

    def __init__(self, folder: Path, cases: dict[str, Case]) -> None:
        self.folder = folder
        self.cases = cases
        self.counts: dict[str, Counter[str]] = {name: Counter() for name in cases}
        self.used: dict[str, int] = {}
        self.faults: list[str] = []
        self._whole: dict[str, tuple[float, dict[str, Any]]] = {}

    def undisturbed(self, name: str) -> tuple[float, dict[str, Any]]:
        """Return the seconds of an undisturbed run, and the values in which two of them agree."""
        if name not in self._whole:
            if first := self.cases[name].first:
                self._whole_run(name, first)
            found, seconds = [], 0.0
            for which in ("a", "b"):
                place = self.folder / f"{name}-{which}".replace(" ", "-")
                seconds = self._whole_run(name, self.cases[name].words(place))
                found.append(values_of(place))
                self.used[name] = sum(path.stat().st_blocks * 512 for path in place.rglob("*") if path.is_file())
                shutil.rmtree(place)
            one, other = found
            if one.keys() != other.keys():
                raise RuntimeError(f"{name}: two undisturbed runs leave other files: {sorted(one.keys() ^ other.keys())[:5]}")
            same = {key: value for key, value in one.items() if other[key] == value}
            self.counts[name]["values"] = len(same)
            self._whole[name] = (seconds, same)
        return self._whole[name]

    def resuming(self, name: str, place: Path) -> list[str]:
        """Return the command line that goes on in a folder; none where nothing was kept yet."""
        kept = any((place / one).exists() for one in ("command.json", "sweep.json"))
        return [f"resume={place}", *self.cases[name].again(place)] if kept else []

    def spent(self, name: str) -> float:
        """Return about how many seconds a kind was given so far."""
        return self.counts[name]["kills"] * self._whole[name][0] if name in self._whole else 0.0

    def _whole_run(self, name: str, words: Sequence[str]) -> float:
        command = Command(words, self.folder / "log", self.cases[name].prepare)
        if not command.wait(_LONGEST) or command.code != 0:
            raise RuntimeError(f"{name}, undisturbed: {command.code}: {command.log.read_text()[-2000:]}")
        return time.monotonic() - command.began

    def disturb(self, name: str, moments: list[float], everything: bool) -> int:
        """Run a command, kill it at some moments, resume it to its end, and compare; return how often it was killed."""
        seconds, whole = self.undisturbed(name)
        case, counts = self.cases[name], self.counts[name]
        place = self.folder / "disturbed"
        shutil.rmtree(place, ignore_errors=True)
        killed: list[str] = []
        for moment in [*moments, None]:
            command = Command(self.resuming(name, place) or case.words(place), self.folder / "log", case.prepare)
            if moment is not None and not command.wait(moment * seconds):
                killed.append(f"{time.monotonic() - command.began:.2f} s")
                left = command.kill(everything)
                if left:
                    self._fault(name, killed, f"{left} processes are left")
                continue
            break
        if not command.wait(_LONGEST):
            command.kill(True)
            self._fault(name, killed, "it hangs")
        said = command.log.read_text(errors="replace")
        counts["kills"] += len(killed)
        if command.code != 0 or "Traceback" in said:
            self._fault(name, killed, f"exit code {command.code}: {said[-1500:]}")
        elif killed:
            counts["runs"] += 1
            found = values_of(place)
            differing = sorted(key for key in whole if found.get(key) != whole[key])
            counts["the same"] += not differing
            if differing:
                shown = [f"{key}: {found.get(key)!r:.60} for {whole.get(key)!r:.60}" for key in differing[:5]]
                self._fault(name, killed, f"{len(differing)} values differ: {shown}")
        return len(killed)

    def _fault(self, name: str, killed: list[str], what: str) -> None:
        self.counts[name]["faults"] += 1
        self.faults.append(f"{name}, {self.how} {', '.join(killed)}: {what}")
        print(self.faults[-1], file=sys.stderr, flush=True)


def run(count: int, number: int, folder: Path, names: list[str]) -> Campaign:
    """Run the campaign.

    Args:
        count: number of kills, at least.
        number: the seed.
        folder: an empty folder.
        names: of the kinds.
    """
    import_all()
    campaign = Campaign(folder, {name: KINDS[name](folder) for name in names})
    done = 0

    @drawing(max(10, 3 * count), number)
    @given(st.lists(st.floats(0.02, 0.98), min_size=1, max_size=3), st.booleans(), st.integers(0, len(names) - 1))
    def trial(moments: list[float], everything: bool, ahead: int) -> None:
        nonlocal done
        if done < count:
            # All kinds get about the same time: short ones are killed more often.
            order = [*names[ahead:], *names[:ahead]]
            name = min(order, key=campaign.spent)
            done += campaign.disturb(name, moments, everything)

    trial()
    return campaign


def main(words: list[str] | None = None) -> int:
    """Run the campaign of the command line; return 1 where there was a fault."""
    options = arguments(__doc__.splitlines()[0], 200, KINDS).parse_args(words)
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as parent, reported("kills", options, figures):
        campaign = run(options.count, options.seed, Path(parent), options.kinds)
        figures["kills"] = sum(one["kills"] for one in campaign.counts.values())
        figures["kinds"] = {name: dict(one) for name, one in campaign.counts.items()}
        figures["faults"] = campaign.faults
    columns = ("kills", "runs", "the same", "values", "faults")
    rows = [[name, *(one[column] for column in columns)] for name, one in campaign.counts.items()]
    print(table(["command", *columns], rows))
    return int(bool(campaign.faults))


if __name__ == "__main__":
    sys.exit(main())
