"""The trace of a search: its curve over iterations, and a sample of the scored candidates."""

from typing import NamedTuple

from zen_lightning.arch import BaseArchitecture

MAX_POINTS = 4_000
"""The most points of a cloud. A choice: enough for a scatter plot."""


class HistoryRow(NamedTuple):
    """The population after an iteration.

    Attributes:
        iteration: number of iterations done.
        best: highest score so far. For a proxy that ranks within a set, this, the mean and the lowest are scores within the
            population after this iteration, and rows cannot be compared with each other.
        mean: mean score of the population.
        lowest: lowest score of the population.
        population: number of members.
        accepted: candidates scored and added to the population so far.
        rejected: candidates over the budget or without a score so far.
    """

    iteration: int
    best: float
    mean: float
    lowest: float
    population: int
    accepted: int
    rejected: int


class CloudPoint(NamedTuple):
    """One scored candidate.

    Attributes:
        iteration: the iteration in which its score was taken.
        score: its score; for a proxy that ranks within a set, its score among all points at the end of the search.
        architecture: the scored network.
        parts: measurements of a proxy that ranks within a set; empty for other proxies.
    """

    iteration: int
    score: float
    architecture: BaseArchitecture
    parts: tuple[float, ...] = ()


def next_row(iteration: int) -> int:
    """Return the iteration after which the next row of the history is due.

    The spacing depends on the iteration (10, 100, 1000) and not on the length of the search, so a longer search has the rows of
    a shorter one. The steps are a choice: some hundred rows for each power of ten.

    Example:
        >>> next_row(0), next_row(995), next_row(1000), next_row(480_000)
        (10, 1000, 1100, 481000)
    """
    step = 10 if iteration < 1_000 else 100 if iteration < 10_000 else 1_000
    return (iteration // step + 1) * step


class Cloud:
    """An evenly spaced sample of the scored candidates. When full, it keeps every second point and samples half as often.

    No random number is drawn, so sampling does not change the search.
    """

    def __init__(self) -> None:
        self.points: list[CloudPoint] = []
        self.stride = 1

    def add(self, point: CloudPoint) -> None:
        """Add a point; the caller passes those whose number is a multiple of :attr:`stride`."""
        self.points.append(point)
        if len(self.points) > MAX_POINTS:
            self.points = self.points[::2]
            self.stride *= 2
