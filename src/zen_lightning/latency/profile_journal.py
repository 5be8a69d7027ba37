"""What a profile has measured so far: a file of JSON lines, appended to, read again after a stop at any moment."""

import time
from pathlib import Path
from typing import Any

from zen_lightning.latency.timing import Timing
from zen_lightning.system.journal import Journal


class ProfileJournal(Journal):
    """Timings by key.

    Args:
        path: of the file; it is made, with its folder, or continued.
        identity: what makes it this profile: settings, device, versions, extent, seed.

    Attributes:
        spent: seconds from record to record, all runs together.

    Raises:
        UserError: as of every :class:`~zen_lightning.system.journal.Journal`.
    """

    mark = "zen_lightning_profile_journal"
    name = "journal of a profile"
    subject = "profile"
    owner = "profile of this name is still being measured"
    anew = "Delete it to begin anew, or choose another output"

    def __init__(self, path: Path, identity: dict[str, Any]) -> None:
        self.spent = 0.0
        self._timings: dict[str, Timing] = {}
        super().__init__(path, identity)
        self._last = time.monotonic()

    def take(self, record: dict[str, Any]) -> None:
        """Take in a timing."""
        self._timings[record["key"]] = _timing(record["timing"])
        self.spent = float(record["spent"])

    def __contains__(self, key: str) -> bool:
        return key in self._timings

    def __len__(self) -> int:
        return len(self._timings)

    def add(self, key: str, timing: Timing) -> None:
        """Keep a timing."""
        now = time.monotonic()
        self.spent += now - self._last
        self._last = now
        written = [float(f"{value:.6g}") for value in timing]
        self._timings[key] = _timing(written)  # What a later run would read: a profile that was stopped ends the same.
        self.append({"key": key, "timing": written, "spent": round(self.spent, 3)})

    def timing(self, key: str) -> Timing:
        """Return a timing that is there."""
        return self._timings[key]

    def seconds(self, key: str) -> float:
        """Return the lower quartile of a timing that is there."""
        return self._timings[key].low


def _timing(written: list[float]) -> Timing:
    low, median, high, repeats, share = written
    return Timing(low, median, high, int(repeats), share)
