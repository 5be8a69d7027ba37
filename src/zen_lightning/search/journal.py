"""The journal of a search: appended as it goes, enough to continue it exactly after a kill at any moment."""

import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zen_lightning.search.evolution import Evolution
from zen_lightning.search.population import Member, Saved
from zen_lightning.search.trace import CloudPoint, HistoryRow
from zen_lightning.system.journal import MALFORMED, Journal

_IN_FLIGHT = "search.in_flight"
_FIRST_PAUSE = 0.5
_LAST_PAUSE = 60.0


class SearchJournal(Journal):
    """What a search has done.

    A record holds what changed since the one before: the slots of the population, the history, the cloud; the candidates whose
    results are awaited, which are scored again on reading; and the state of the random generator. Where a line was cut short,
    the search repeats the iterations since the record before, and finds the same.

    Args:
        path: of the file; it is made, with its folder, or continued.
        identity: what makes it this search (start, space, proxy, limits, seed, ...).

    Attributes:
        seconds: spent on the search so far, all runs together.

    Raises:
        UserError: as of every :class:`~zen_lightning.system.journal.Journal`.
    """

    mark = "zen_lightning_journal"
    name = "journal of a search"
    subject = "search"
    owner = "search in this folder is still running"
    anew = "Start a new search in another output_dir"
    durable = True
    defaults = {_IN_FLIGHT: 1}  # noqa: RUF012  (a search with one candidate in flight does not say so)

    def __init__(self, path: Path, identity: dict[str, Any]) -> None:
        self.seconds = 0.0
        self._records: list[dict[str, Any]] = []
        self._slots: list[int] = []
        self._rows = 0
        self._started = self._written = time.monotonic()
        super().__init__(path, identity)

    def take(self, record: dict[str, Any]) -> None:
        """Keep a record until there is an evolution to restore."""
        self._records.append(record)

    def remedy(self, before: Mapping[str, Any], differing: list[str]) -> str:
        """Return what to do where the identity is another."""
        return f"Continue it with {_IN_FLIGHT}={before[_IN_FLIGHT]}" if differing == [_IN_FLIGHT] else self.anew

    def restore(self, evolution: Evolution) -> None:
        """Bring a fresh evolution to the last record; does nothing on a new journal.

        Raises:
            UserError: a record is not one of a search.
        """
        records, self._records = self._records, []
        parse = evolution.space.parse
        slots: dict[int, list[Any]] = {}
        for number, record in enumerate(records, start=2):
            try:
                slots.update({int(slot): member for slot, member in record["slots"].items()})
                evolution.history.extend(HistoryRow(*row) for row in record["history"])
                for iteration, score, text, *parts in record["cloud"]:
                    evolution.cloud.add(CloudPoint(iteration, score, parse(text), *map(tuple, parts)))
                if number == len(records) + 1:
                    self._restore_last(evolution, record, slots)
            except MALFORMED as error:
                raise self.damaged(number) from error

    def _restore_last(self, evolution: Evolution, last: dict[str, Any], slots: dict[int, list[Any]]) -> None:
        parse = evolution.space.parse
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

    @property
    def seconds_by_now(self) -> float:
        """Seconds spent on the search by now, those of earlier runs included."""
        return self.seconds + time.monotonic() - self._started

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
        self.append(record)
        self._slots = [member.serial for member in members]
        self._rows = len(evolution.history)
        evolution.new_points.clear()


def _saved(member: Member) -> tuple[Any, ...]:
    """Return the slot of a member as it is written; the scores of parts are worked out again on reading."""
    saved = (member.serial, member.score, str(member.architecture))
    return (*saved, member.parts) if member.parts else saved
