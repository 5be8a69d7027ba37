"""The course of a search, as trackers have it."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from zen_lightning.search.run import Progress, SearchOutcome
from zen_lightning.search.trace import HistoryRow
from zen_lightning.tasks.search.rows import SearchRows
from zen_lightning.tracking import Status, TrackedRun, Trackers
from zen_lightning.tracking.tensorboard_tracker import TensorBoardTracker


class Noting(TensorBoardTracker):
    """Notes the steps of each curve."""

    def __init__(self, continued: bool = False) -> None:
        super().__init__()
        self.continued = continued
        self.curves: dict[str, list[tuple[int, float]]] = {}

    def begin(self, run: TrackedRun) -> str:
        return ""

    def finish(self, status: Status) -> None:
        pass

    def metrics(self, values: Mapping[str, float], step: int, axis: str) -> None:
        for name, value in values.items():
            self.curves.setdefault(name, []).append((step, value))


def _row(iteration: int) -> HistoryRow:
    return HistoryRow(iteration, iteration / 10, iteration / 20, 0.0, 5, iteration // 2, iteration - iteration // 2)


def _outcome(restart: int, last: int, resumed: int = 0) -> SearchOutcome:
    history = [_row(iteration) for iteration in range(10, last + 1, 10)]
    return SearchOutcome(restart, [], history, [], last, last // 2, Counter(), 1.0, resumed=resumed)


def _search(folder: Path, tracker: Noting, restarts: int, told: list[Progress], outcomes: list[SearchOutcome]) -> list[Any]:
    shown: list[Progress] = []
    trackers = Trackers({"one": tracker}, lambda: TrackedRun(folder, "search", "", None, {}))
    rows = SearchRows(trackers, shown.append, restarts)
    for progress in told:
        rows(progress)
    rows.finish(outcomes)
    trackers.finish(Status.FINISHED)
    return shown


def test_every_row_once_whether_it_was_told_on_the_way_or_not(tmp_path: Path) -> None:
    tracker = Noting()
    told = [
        Progress(0, 15, 7, 1.0, 0, [_row(10)]),
        Progress(0, 25, 12, 2.0, 0),
        Progress(0, 35, 17, 3.0, 0, [_row(20), _row(30)]),
    ]
    assert _search(tmp_path, tracker, 1, told, [_outcome(0, 40)]) == told
    assert tracker.curves["search/best"] == [(10, 1.0), (20, 2.0), (30, 3.0), (40, 4.0)]
    assert tracker.curves["search/mean"] == [(10, 0.5), (20, 1.0), (30, 1.5), (40, 2.0)]
    assert tracker.curves["search/acceptance"] == [(step, 0.5) for step in (10, 20, 30, 40)]


def test_a_resumed_search_tells_what_its_tracker_does_not_have(tmp_path: Path) -> None:
    for continued, steps in ((True, [30, 40]), (False, [10, 20, 30, 40])):
        tracker = Noting(continued)
        _search(
            tmp_path, tracker, 1, [Progress(0, 30, 15, 3.0, 20, [_row(10), _row(20), _row(30)])], [_outcome(0, 40, resumed=20)]
        )
        assert [step for step, _ in tracker.curves["search/best"]] == steps


def test_restarts_have_curves_of_their_own(tmp_path: Path) -> None:
    tracker = Noting()
    _search(tmp_path, tracker, 2, [Progress(1, 10, 5, 1.0, 0, [_row(10)])], [_outcome(0, 20), _outcome(1, 10)])
    assert [step for step, _ in tracker.curves["search-00/best"]] == [10, 20]
    assert [step for step, _ in tracker.curves["search-01/best"]] == [10]
