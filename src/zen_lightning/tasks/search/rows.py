"""The course of a search, for the trackers of its run."""

from collections.abc import Callable, Sequence

from zen_lightning.search.run import Progress, SearchOutcome
from zen_lightning.search.trace import HistoryRow
from zen_lightning.tracking import Trackers


class SearchRows:
    """Hands rows of the history on to trackers, each row once: earlier rows only to trackers that did not have them.

    Call it with each :class:`~zen_lightning.search.run.Progress`, and :meth:`finish` it with what the searches found.

    Args:
        trackers: the trackers of the run; they begin now.
        show: is called with each Progress, too.
        restarts: how many searches; curves are named ``search/best`` and so on, with several ``search-00/best`` and so on.
    """

    def __init__(self, trackers: Trackers, show: Callable[[Progress], None], restarts: int) -> None:
        self._trackers = trackers
        self._show = show
        self._restarts = restarts
        self._taken = [0] * restarts
        trackers.begin()

    def __call__(self, progress: Progress) -> None:
        """Show how far a search is, and log its new rows."""
        self._show(progress)
        self._take(progress.restart, progress.rows, progress.resumed)

    def finish(self, outcomes: Sequence[SearchOutcome]) -> None:
        """Log the rows that were not logged while the searches ran."""
        for outcome in outcomes:
            self._take(outcome.restart, outcome.history, outcome.resumed)

    def _take(self, restart: int, rows: Sequence[HistoryRow], resumed: int) -> None:
        name = "search" if self._restarts == 1 else f"search-{restart:02d}"
        for row in rows:
            if row.iteration <= self._taken[restart]:
                continue
            self._taken[restart] = row.iteration
            values = {
                "best": row.best,
                "mean": row.mean,
                "lowest": row.lowest,
                "acceptance": row.accepted / row.iteration,
            }
            self._trackers.metrics(
                {f"{name}/{key}": value for key, value in values.items()}, row.iteration, f"{name}/iteration", resumed
            )
