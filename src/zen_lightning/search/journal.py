"""The journal of a search: appended as it goes, enough to continue it exactly after a kill at any moment."""

import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from zen_lightning.errors import UserError
from zen_lightning.search import json_lines
from zen_lightning.search.evolution import Evolution
from zen_lightning.search.population import Member, Saved
from zen_lightning.search.trace import CloudPoint, HistoryRow
from zen_lightning.system.locks import lock

_FORMAT = 1
_MARK = "zen_lightning_journal"
_IN_FLIGHT = "search.in_flight"
_START_ANEW = "Start a new search in another output_dir"
_FIRST_PAUSE = 0.5
_LAST_PAUSE = 60.0


class Journal:
    """An append-only file of JSON lines: a header that says what search it is, then one record after another.

    A record holds what changed since the one before: the slots of the population, the history, the cloud; the candidates whose
    results are awaited, which are scored again on reading; and the state of the random generator. A line cut short by a kill
    is dropped on reading: the search then repeats the iterations since the record before, and finds the same.

    Args:
        path: of the file; it is made, with its folder, or continued.
        identity: what makes it this search (start, space, proxy, limits, seed, ...); continuing another is an error.

    Attributes:
        seconds: spent on the search so far, all runs together.

    Raises:
        UserError: the file belongs to another search, is in use, or is not a journal.
    """

    def __init__(self, path: Path, identity: dict[str, Any]) -> None:
        self.path = path
        self.seconds = 0.0
        self._identity = json.loads(json.dumps(identity))
        self._slots: list[int] = []
        self._rows = 0
        self._started = self._written = time.monotonic()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: IO[bytes] = open(path, "a+b")  # noqa: SIM115  (it stays open)
        lock(self._file, path, "search in this folder is still running")
        self._records = self._read()
        if not self._records:
            self._file.truncate(0)
            self._append({_MARK: _FORMAT, "identity": self._identity})

    def restore(self, evolution: Evolution) -> None:
        """Bring a fresh evolution to the last record; does nothing on a new journal."""
        records, self._records = self._records[1:], []
        if not records:
            return
        parse = evolution.space.parse
        slots: dict[int, list[Any]] = {}
        for record in records:
            slots.update({int(slot): member for slot, member in record["slots"].items()})
            evolution.history.extend(HistoryRow(*row) for row in record["history"])
            for iteration, score, text, *parts in record["cloud"]:
                evolution.cloud.add(CloudPoint(iteration, score, parse(text), *map(tuple, parts)))
        last = records[-1]
        members = [
            Saved(serial, score, parse(text), *map(tuple, parts))
            for serial, score, text, *parts in [slots[slot] for slot in range(last["size"])]
        ]
        evolution.population.restore(members, last["accepted"])
        evolution.iteration, evolution.accepted = last["iteration"], last["accepted"]
        evolution.rejected = Counter(last["rejected"])
        evolution.unscorable = Counter(last.get("unscorable", {}))
        evolution.earlier_deaths = last.get("worker_deaths", 0)
        for text in last.get("pending", ()):
            evolution.submit(parse(text))
        version, state, gauss = last["rng"]
        evolution.rng.setstate((version, tuple(state), gauss))
        self.seconds = last["seconds"]
        self._slots = [member.serial for member in evolution.population.members]
        self._rows = len(evolution.history)

    def is_due(self) -> bool:
        """Whether enough time passed for another record: half a second at first, a minute in a search of hours."""
        now = time.monotonic()
        return now - self._written >= min(_LAST_PAUSE, max(_FIRST_PAUSE, self.seconds / 20))

    def write(self, evolution: Evolution) -> None:
        """Append a record of the evolution as it is now."""
        now = time.monotonic()
        self.seconds += now - self._started
        self._started = self._written = now
        members = evolution.population.members
        changed = {
            member.slot: _saved(member)
            for member in members
            if member.slot >= len(self._slots) or self._slots[member.slot] != member.serial
        }
        version, state, gauss = evolution.rng.getstate()
        record = {
            "iteration": evolution.iteration,
            "accepted": evolution.accepted,
            "rejected": evolution.rejected,
            "size": len(members),
            "slots": changed,
            "history": evolution.history[self._rows :],
            "cloud": [
                (point.iteration, point.score, str(point.architecture), *([point.parts] if point.parts else []))
                for point in evolution.new_points
            ],
            "seconds": round(self.seconds, 3),
            "rng": (version, state, gauss),
        }
        if evolution.pending:
            record["pending"] = [str(pending.architecture) for pending in evolution.pending]
        if evolution.unscorable:
            record["unscorable"] = evolution.unscorable
        if evolution.worker_deaths:
            record["worker_deaths"] = evolution.worker_deaths
        self._append(record)
        self._slots = [member.serial for member in members]
        self._rows = len(evolution.history)
        evolution.new_points.clear()

    def close(self) -> None:
        """Close the file; another process may then continue the search."""
        self._file.close()

    def _append(self, record: dict[str, Any]) -> None:
        self._file.write(json_lines.encoded(record))
        self._file.flush()
        os.fsync(self._file.fileno())

    def _read(self) -> list[dict[str, Any]]:
        """Return the whole records, and cut the file after them."""
        records, end = json_lines.read_whole(self._file)
        if not records and json_lines.is_foreign(self.path, _MARK):
            raise UserError(f"{self.path} is not a journal of a search: move it away")
        if records:
            self._check_header(records[0])
        json_lines.cut(self._file, end)
        return records

    def _check_header(self, header: dict[str, Any]) -> None:
        if header.get(_MARK) != _FORMAT:
            raise UserError(f"{self.path} is not a journal that this version reads: start a new search in another output_dir")
        # A search with one candidate in flight does not say so.
        theirs, ours = ({_IN_FLIGHT: 1} | dict(_leaves(node)) for node in (header["identity"], self._identity))
        changes = json_lines.changes(theirs, ours)
        if changes:
            mend = f"Continue it with {_IN_FLIGHT}={theirs[_IN_FLIGHT]}" if list(changes) == [_IN_FLIGHT] else _START_ANEW
            raise UserError(f"{self.path} belongs to another search: {'; '.join(changes.values())}. {mend}")


def _saved(member: Member) -> tuple[Any, ...]:
    """Return the slot of a member as it is written; the scores of parts are worked out again on reading."""
    saved = (member.serial, member.score, str(member.architecture))
    return (*saved, member.parts) if member.parts else saved


def _leaves(node: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield (dotted key, value) for each value of nested dicts."""
    for key, value in node.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value
