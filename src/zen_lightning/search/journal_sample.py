"""What a journal remembers of the candidates that were scored, read without continuing the search."""

from pathlib import Path
from typing import NamedTuple

from zen_lightning.search.trace import MAX_POINTS
from zen_lightning.system.journal import MALFORMED, sound_lines


class Sampled(NamedTuple):
    """A scored candidate.

    Attributes:
        iteration: when its score was taken.
        score: its score.
        structure: its text.
    """

    iteration: int
    score: float
    structure: str


def read_sample(path: Path) -> list[Sampled]:
    """Return the sample of scored candidates in a journal, in order: the points of the search's cloud.

    Args:
        path: of the journal; a line that was cut short or damaged ends the reading, and a file that is not there has no points.

    Returns:
        the points; none for a proxy that ranks within a set, whose scores are only known as the search ends.
    """
    points: list[Sampled] = []
    if not path.is_file():
        return points
    with path.open("rb") as file:
        for record, _ in sound_lines(file):
            try:
                sampled = [
                    (Sampled(iteration, score, text), parts) for iteration, score, text, *parts in record.get("cloud", ())
                ]
            except MALFORMED:
                break
            if any(parts for _, parts in sampled):
                return []
            points.extend(point for point, _ in sampled)
            while len(points) > MAX_POINTS:
                points = points[::2]
    return points
