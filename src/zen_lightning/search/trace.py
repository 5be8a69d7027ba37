"""What a search leaves to look at: the curve over iterations, and a sample of what it scored."""

from typing import NamedTuple

from zen_lightning.arch import BaseArchitecture

MAX_POINTS = 4_000
"""The most points of a cloud."""


class HistoryRow(NamedTuple):
    """The population after an iteration.

    Attributes:
        iteration: how many were done.
        best: highest score so far; under a proxy that ranks within a set, as mean and lowest, within the population after this
            iteration: rows cannot be compared with one another.
        mean: mean score of the population.
        lowest: lowest score of the population.
        population: members.
        accepted: candidates scored and appended so far.
        rejected: candidates over the budget, or without a score, so far.
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
        iteration: when its score was taken.
        score: its score; under a proxy that ranks within a set, among all points as the search ended.
        architecture: what was scored.
        parts: what a proxy measured that ranks within a set; empty for any other.
    """

    iteration: int
    score: float
    architecture: BaseArchitecture
    parts: tuple[float, ...] = ()


def next_row(iteration: int) -> int:
    """Return the iteration after which the next row of the history is due.

    The spacing grows with the iteration (10, 100, 1000) and not with the length of the search, so that a longer search begins
    with the history of a shorter one.

    Example:
        >>> next_row(0), next_row(995), next_row(1000), next_row(480_000)
        (10, 1000, 1100, 481000)
    """
    step = 10 if iteration < 1_000 else 100 if iteration < 10_000 else 1_000
    return (iteration // step + 1) * step


class Cloud:
    """A sample of the scored candidates, evenly spaced: full, it keeps every second point and halves its pace.

    No random number is drawn, so sampling does not change the search.
    """

    def __init__(self) -> None:
        self.points: list[CloudPoint] = []
        self.stride = 1

    def add(self, point: CloudPoint) -> None:
        """Take a point; the caller offers those whose number is a multiple of :attr:`stride`."""
        self.points.append(point)
        if len(self.points) > MAX_POINTS:
            self.points = self.points[::2]
            self.stride *= 2
