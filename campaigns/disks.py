"""Runs commands on a disk that becomes full: is it said in a sentence, and does ``resume=`` end as on a disk with room?

    python campaigns/disks.py --count 40

Hypothesis draws a kind of command and the size of its disk, a part of what the command leaves on one with room. The disk is a
tmpfs of Linux, which needs root, or ``unshare -rm`` in front of the command line. A command on a full disk must end with a
sentence; then the disk gets room, ``resume=DIR`` goes on (the same command again, where nothing was kept), and all that it
leaves is compared with an undisturbed run, as by ``kills.py``. Faults: a traceback, a hang, a value that differs.
"""

import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

import kills
from campaign import arguments, drawing, reported, table
from forked import Command, import_all
from kill_kinds import KINDS
from kill_results import values_of

_LONGEST = 300.0
_ROOM = "1g"


class Campaign(kills.Campaign):
    """Undisturbed runs, and runs on small disks that are compared with them."""

    how = "on a disk of"

    def on_small_disk(self, name: str, part: float) -> None:
        """Run a command on a disk that holds a part of what it leaves; then give it room, resume it, and compare."""
        _, whole = self.undisturbed(name)
        counts, case = self.counts[name], self.cases[name]
        disk = self.folder / "disk"
        disk.mkdir(exist_ok=True)
        size = max(16 << 10, int(part * self.used[name]))
        _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk)
        try:
            place = disk / "run"
            command = Command(case.words(place), self.folder / "log", case.prepare)
            held = [f"{size >> 10} KiB"]
            if not command.wait(_LONGEST):
                command.kill(True)
                self._fault(name, held, "it hangs")
            said = command.log.read_text(errors="replace")
            counts["disks"] += 1
            counts["it was enough" if command.code == 0 else "said in a sentence"] += 1
            if "Traceback" in said or command.code not in (0, 1, 2):
                self._fault(name, held, f"exit code {command.code}: {said[-1200:]}")
            _mount("-o", f"remount,size={_ROOM}", disk)
            command = Command(self.resuming(name, place) or case.words(place), self.folder / "log", case.prepare)
            if not command.wait(_LONGEST) or command.code != 0:
                command.kill(True)
                self._fault(name, held, f"with room, exit code {command.code}: {command.log.read_text()[-1200:]}")
                return
            found = values_of(place)
            differing = sorted(key for key in whole if found.get(key) != whole[key])
            counts["the same"] += not differing
            if differing:
                self._fault(name, held, f"{len(differing)} values differ: {differing[:5]}")
        finally:
            subprocess.run(["umount", "-l", disk], check=False)


def _mount(*words: Any) -> None:
    subprocess.run(["mount", *map(str, words)], check=True)


def run(count: int, number: int, folder: Path, names: list[str]) -> Campaign:
    """Run the campaign.

    Args:
        count: number of disks.
        number: the seed.
        folder: an empty folder.
        names: of the kinds of commands.
    """
    import_all()
    campaign = Campaign(folder, {name: KINDS[name](folder) for name in names})

    @drawing(count, number)
    @given(st.sampled_from(names), st.floats(0.02, 0.98))
    def trial(name: str, part: float) -> None:
        campaign.on_small_disk(name, part)

    trial()
    return campaign


def main(words: list[str] | None = None) -> int:
    """Run the campaign of the command line; return 1 where there was a fault."""
    options = arguments(__doc__.splitlines()[0], 40, KINDS).parse_args(words)
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as parent, reported("disks", options, figures):
        try:
            _mount("-t", "tmpfs", "tmpfs", parent)
        except (OSError, subprocess.CalledProcessError):
            figures["not run"] = "mounting a tmpfs needs root: unshare -rm python campaigns/disks.py"
            return 0  # On a machine where nobody may mount; the figures say so.
        subprocess.run(["umount", parent], check=True)
        campaign = run(options.count, options.seed, Path(parent), options.kinds)
        figures["kinds"] = {name: dict(one) for name, one in campaign.counts.items()}
        figures["faults"] = campaign.faults
    columns = ("disks", "it was enough", "said in a sentence", "the same", "faults")
    rows = [[name, *(one[column] for column in columns)] for name, one in campaign.counts.items()]
    total = sum(campaign.counts.values(), Counter())
    print(table(["command", *columns], [*rows, ["all", *(total[column] for column in columns)]]))
    return int(bool(campaign.faults))


if __name__ == "__main__":
    sys.exit(main())
