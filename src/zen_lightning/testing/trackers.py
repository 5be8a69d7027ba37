"""The requirements on every tracker: what is logged can be read back from its files."""

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from zen_lightning.testing.suite import Suite
from zen_lightning.tracking import Source, Status, TrackedRun, Tracker, Trackers
from zen_lightning.tracking.run_ids import write_run_id


@dataclass
class Kept:
    """What the files of a tracker hold, in one form for all.

    Attributes:
        facts: any text that holds the configuration, the name and the group of the run.
        curves: (step, value) by the name of the metric.
        table: the columns, and the rows as text.
        files: names of those that it kept.
        summary: what came of the run, as text.
        source: run that this one reads from, by its id in the tracker or its folder.
        ended: ``finished`` or ``failed``.
        runs: how many it took the two commands in one folder for.
    """

    facts: str = ""
    curves: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    table: list[list[str]] = field(default_factory=list)
    files: set[str] = field(default_factory=set)
    summary: dict[str, str] = field(default_factory=dict)
    source: str = ""
    ended: str = ""
    runs: int = 0


class TrackerCase(NamedTuple):
    """A tracker.

    Attributes:
        name: the name that its ids are kept under in a run's folder.
        make: gives a new one; each command has its own.
        read: reads the folder of a run.
    """

    name: str
    make: Callable[[], Tracker]
    read: Callable[[Path], Kept]


TRACKER: Suite[TrackerCase] = Suite("tracker")
"""The checks."""

_ROWS = [["A(3,8)", 1.5], ["B(8,16)", 1.25]]
_CONFIG: dict[str, Any] = {"seed": 17, "search": {"name": "zen"}, "versions": {"torch": "9.9"}, "git_commit": "abc1234"}
_CURVE = {10: 0.5, 20: 1.5, 30: 1.5}


def check_tracker(tracker: Callable[..., Tracker], read: Callable[[Path], Kept], name: str = "mine", **options: Any) -> None:
    """Check a tracker of your own against the requirements on every tracker: a run, continued once, is read back.

    Args:
        tracker: its class, or what makes one; one that needs a server is given one of the test's.
        read: reads back what it keeps of the run in a folder.
        name: as in ``logger=``.
        options: the options for its constructor.

    Raises:
        AssertionError: it does not hold everything; the message lists what, with the line that failed.
    """
    TRACKER.run(TrackerCase(name, partial(tracker, **options), read))


@TRACKER.add
def _what_is_told_is_read_back(case: TrackerCase) -> None:
    with _tracked(case) as (folder, source):
        kept = case.read(folder)
        for fact in ("17", "zen", "9.9", "abc1234", "seed=17,budget=params1M", "my_sweep"):
            assert fact in kept.facts, f"{fact} is in none of its facts"
        assert kept.curves == {
            "search/best": list(_CURVE.items()),
            "search/mean": [(step, value / 2) for step, value in _CURVE.items()],
        }, f"its curves are {kept.curves}"
        assert kept.table == [["structure", "score"], *([text, str(score)] for text, score in _ROWS)], f"{kept.table}"
        assert kept.files >= {"best_structure.txt", "search.png", "result.json", "finalists.csv"}, f"it kept {kept.files}"
        assert "weights.safetensors" not in kept.files, "weights are large"
        assert kept.summary == {"score": "1.5", "structure": "A(3,8)"}, f"its summary is {kept.summary}"
        assert kept.source in (f"{case.name}-0000", str(source)), f"its source is {kept.source}"
        assert (kept.ended, kept.runs) == ("finished", 1), f"{kept.runs} runs, the last {kept.ended}"


@TRACKER.add
def _ending_what_has_not_begun(case: TrackerCase) -> None:
    case.make().finish(Status.FAILED)


@contextmanager
def _tracked(case: TrackerCase) -> Iterator[tuple[Path, Path]]:
    """Give the folder of a run that two commands logged, the second going on, and that of the run it reads from."""
    with TemporaryDirectory() as root:
        folder, source = Path(root) / "run", Path(root) / "source"
        for one in (folder, source):
            one.mkdir()
        _leave_files(source)
        write_run_id(source, case.name, f"{case.name}-0000")
        for command, steps in ((0, (10, 20)), (1, (20, 30))):  # The second logs step 20 again, which is there already.
            tracker = case.make()
            tracker.require()
            trackers = Trackers({case.name: tracker}, lambda: _run(folder, source))
            trackers.begin()
            assert tracker.continued == bool(command), f"command {command + 1} in a folder has continued={tracker.continued}"
            for step in steps:
                values = {"search/best": _CURVE[step], "search/mean": _CURVE[step] / 2}
                trackers.metrics(values, step, "search/iteration", seen=20 * command)
            _leave_files(folder)
            trackers.results(folder)
            trackers.finish(Status.FINISHED if command else Status.FAILED)
        yield folder, source


def _run(folder: Path, source: Path) -> TrackedRun:
    return TrackedRun(folder, "search", "seed=17,budget=params1M", "my_sweep", _CONFIG, (Source("arch", source),))


def _leave_files(folder: Path) -> None:
    from PIL import Image

    (folder / "best_structure.txt").write_text("A(3,8)\n")
    (folder / "result.json").write_text(
        json.dumps({"score": 1.5, "structure": "A(3,8)", "seen": [1, 2], "git_commit": "abc1234"})
    )
    Image.new("RGB", (6, 4), (200, 10, 10)).save(folder / "search.png")
    with (folder / "finalists.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["structure", "score"], *_ROWS])
    (folder / "weights.safetensors").write_bytes(b"large")
