"""What a profile has measured so far: a file of JSON lines, appended to, read again after a stop at any moment."""

import json
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from zen_lightning.errors import UserError
from zen_lightning.latency.timing import Timing
from zen_lightning.search import json_lines
from zen_lightning.system.locks import lock

_FORMAT = 1
_MARK = "zen_lightning_profile_journal"


class ProfileJournal:
    """Timings by key. Use it as a context manager.

    Args:
        path: of the file; it is made, with its folder, or continued.
        identity: what makes it this profile: settings, device, versions, extent, seed.

    Attributes:
        path: as given.
        spent: seconds from record to record, all runs together.

    Raises:
        UserError: the file belongs to another profile, or is in use.
    """

    def __init__(self, path: Path, identity: dict[str, Any]) -> None:
        self.path = path
        self.spent = 0.0
        self._timings: dict[str, Timing] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = open(path, "a+b")  # noqa: SIM115  (it stays open)
        try:
            lock(self._file, path, "profile of this name is still being measured")
            self._read(json.loads(json.dumps(identity)))
        except BaseException:
            self._file.close()
            raise
        self._last = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

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
        self._append({"key": key, "timing": written, "spent": round(self.spent, 3)})

    def timing(self, key: str) -> Timing:
        """Return a timing that is there."""
        return self._timings[key]

    def seconds(self, key: str) -> float:
        """Return the lower quartile of a timing that is there."""
        return self._timings[key].low

    def _append(self, record: dict[str, Any]) -> None:
        self._file.write(json_lines.encoded(record))
        self._file.flush()

    def _read(self, identity: dict[str, Any]) -> None:
        records, end = json_lines.read_whole(self._file)
        json_lines.cut(self._file, end)
        if not records:
            self._append({_MARK: _FORMAT, "identity": identity})
            return
        header, *rows = records
        if header.get(_MARK) != _FORMAT:
            raise UserError(f"{self.path} is not the journal of a profile: move it away")
        differing = json_lines.changes(header["identity"], identity)
        if differing:
            raise UserError(
                f"{self.path} is of another profile: {'; '.join(differing.values())}. Delete it to begin anew, or choose "
                "another output"
            )
        for row in rows:
            self._timings[row["key"]] = _timing(row["timing"])
            self.spent = row["spent"]


def _timing(written: list[float]) -> Timing:
    low, median, high, repeats, share = written
    return Timing(low, median, high, int(repeats), share)
