"""Scored networks as points of a chart."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from zen_lightning.arch import ArchitectureError, parse_architecture
from zen_lightning.budget import counts
from zen_lightning.report.costs import Kind, cost_of
from zen_lightning.runs.run_folder import RunFolder, number
from zen_lightning.search.journal_sample import Sampled, read_sample

MOST = 2_000
"""Points of a chart; of more, an even sample is shown. A choice: more points only cover each other."""


_CHARACTERS = 600_000
"""Total length of the structures in a page's tooltips, for each kind of point. A choice: it bounds the size of the page."""


class Point(NamedTuple):
    """A network of a chart.

    Attributes:
        structure: its text.
        score: the score of the search, or whatever else the vertical axis shows.
        costs: what is known of them, by the column of each kind.
        name: what it is called, if anything.
        iteration: the iteration of the search, when its score was taken; 0 where that is not known.
    """

    structure: str
    score: float
    costs: Mapping[str, float]
    name: str = ""
    iteration: int = 0


def evenly(points: Sequence[Any], most: int) -> list[Any]:
    """Return at most ``most`` of several, evenly spaced, the first and the last among them.

    Example:
        >>> evenly(range(10), 4)
        [0, 3, 6, 9]
    """
    if len(points) <= most:
        return list(points)
    return [points[round(index * (len(points) - 1) / max(1, most - 1))] for index in range(most)]


def light(points: Sequence[Point], most: int) -> list[Point]:
    """Return at most ``most`` of several networks, evenly spaced, and fewer where their structures are so long that the page
    would be heavy.
    """
    longest = max((len(point.structure) for point in points), default=1)
    return evenly(points, min(most, _CHARACTERS // longest))


def points_of(rows: Sequence[Mapping[str, Any]], kinds: Sequence[Kind], score: str = "score", name: str = "") -> list[Point]:
    """Return the networks of a CSV file, with their costs of some kinds; rows without a score are left out."""
    points = []
    for row in rows:
        value = number(row, score)
        if value is not None:
            costs = {kind.column: cost for kind in kinds if (cost := cost_of(row, kind)) is not None}
            points.append(Point(row["structure"], value, costs, name))
    return points


def tried(run: RunFolder, most: int) -> list[Point]:
    """Return a sample of all candidates that a search scored, with their costs, as its journals remember them."""
    sampled: list[Sampled] = []
    for path in sorted((run.path / "journal").glob("*.jsonl")):
        sampled.extend(read_sample(path))
    resolution, num_classes = run.result["resolution"], run.result["num_classes"]
    points = []
    for iteration, score, structure in evenly(sampled, most):
        try:
            architecture = parse_architecture(structure)
        except ArchitectureError:
            continue  # A super-block of a package that is not imported here.
        points.append(Point(structure, score, counts(architecture, resolution, num_classes), iteration=iteration))
    return light(points, most)
