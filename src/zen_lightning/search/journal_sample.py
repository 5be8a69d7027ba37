"""What a journal remembers of the candidates that were scored, read without continuing the search."""

import json
from pathlib import Path
from typing import NamedTuple

from zen_lightning.search.trace import MAX_POINTS


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
        path: of the journal; a line cut short by a kill ends the reading, and a file that is not there has no points.

    Returns:
        the points; none for a proxy that ranks within a set, whose scores are only known as the search ends.
    """
    points: list[Sampled] = []
    if not path.is_file():
        return points
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                cloud = json.loads(line).get("cloud", ())
            except (ValueError, AttributeError):
                break
            for iteration, score, structure, *parts in cloud:
                if parts:
                    return []
                points.append(Sampled(iteration, score, structure))
                if len(points) > MAX_POINTS:
                    points = points[::2]
    return points
