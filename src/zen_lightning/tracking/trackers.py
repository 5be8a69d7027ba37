"""All trackers of a run together; the run goes on without one that fails."""

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from zen_lightning.runs.names import RESULT
from zen_lightning.system.full_disk import no_room
from zen_lightning.system.json_files import read_json
from zen_lightning.tracking.tracker import Status, TrackedRun, Tracker

MARK = ".tracked"
"""File in the run's folder while it is tracked: where it is found at the start, an earlier command was killed."""


class Trackers:
    """Passes what happens in a run to each of its trackers.

    Nothing that a tracker does ends the run: one that fails is named on stderr, with the reason, and is not
    called again. Nothing is begun before the first call, so that a command that is refused leaves no trace.

    Args:
        trackers: the trackers, by their names.
        describe: returns the description of the run; called as they begin.
    """

    def __init__(self, trackers: Mapping[str, Tracker], describe: Callable[[], TrackedRun]) -> None:
        self._waiting = dict(trackers)
        self._describe = describe
        self._open: dict[str, Tracker] = {}
        self._mark: Path | None = None
        self._was_killed = False

    def begin(self) -> None:
        """Begin to track, unless that has happened."""
        waiting, self._waiting = self._waiting, {}
        if not waiting:
            return
        try:
            run = self._describe()
            self._mark = run.folder / MARK
            self._was_killed = self._mark.exists()
            self._mark.touch()
        except Exception as error:
            _say(", ".join(waiting), error)
            return
        for name, tracker in waiting.items():
            self._open[name] = tracker
            self._do(name, lambda tracker: print(tracker.begin(run), flush=True))

    def metrics(self, values: Mapping[str, float], step: int, axis: str, seen: int = -1) -> None:
        """Log metrics of one step.

        Args:
            values: metrics by name.
            step: the step.
            axis: what the step counts.
            seen: the last step that an earlier command has logged to trackers that continue its run. Where it was killed, they
                may not have all of it, and it is logged again: the same metrics twice make the same curve.
        """

        def take(tracker: Tracker) -> None:
            if step > seen or self._was_killed or not tracker.continued:
                tracker.metrics(values, step, axis)

        self._each(take)

    def results(self, folder: Path) -> None:
        """Log what a run has left in its folder: the values of ``result.json``, small tables, files, pictures."""
        from zen_lightning.tracking.run_files import figures, kept_files, read_table, table_files

        def take(tracker: Tracker) -> None:
            for path in table_files(folder):
                tracker.table(path.stem, *read_table(path))
            tracker.files(kept_files(folder))
            record = folder / RESULT
            tracker.summary(figures(read_json(record, "run it again").content if record.is_file() else {}))

        self._each(take)

    def finish(self, status: Status) -> None:
        """End what has begun."""
        self._waiting = {}
        for name in list(self._open):
            self._do(name, lambda tracker: tracker.finish(status))
        self._open = {}
        if self._mark is not None:
            with suppress(OSError):
                self._mark.unlink(missing_ok=True)

    def _each(self, call: Callable[[Tracker], None]) -> None:
        self.begin()
        for name in list(self._open):
            self._do(name, call)

    def _do(self, name: str, call: Callable[[Tracker], None]) -> None:
        tracker = self._open[name]
        try:
            call(tracker)
        except Exception as error:
            del self._open[name]
            _say(name, error)
            with suppress(Exception):
                tracker.finish(Status.FAILED)


def _say(name: str, error: Exception) -> None:
    lines = str(error).strip().splitlines()
    room = no_room(error)
    reason = room.said if room is not None else lines[0].rstrip(".") if lines else type(error).__name__
    print(
        f"logger={name} has failed: {reason}; the run goes on without it, and its files are complete",
        file=sys.stderr,
        flush=True,
    )
