"""The published networks that a front is drawn with."""

from zen_lightning import zoo
from zen_lightning.api.search_result import Searches
from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError
from zen_lightning.report.charts.networks import Point
from zen_lightning.search.run import SearchSetup
from zen_lightning.space import BlockSpace


def published_points(found: Searches) -> list[Point]:
    """Return each published network of the same space, resolution and classes.

    Only a proxy that is cheap is asked for their scores.
    """
    setup = found.setup
    if not setup.proxy.cheap or not isinstance(setup.space, BlockSpace):
        return []
    points = []
    for entry in map(zoo.entry, zoo.names()):
        arch = Architecture.parse(entry.structure)
        fits = (entry.resolution, entry.num_classes) == (found.resolution, found.num_classes)
        if fits and _belongs(setup, arch):
            score = setup.proxy.score(arch, setup.seed).value
            points.append(Point(entry.structure, score, found.costs(arch), f"published: {entry.name}"))
    return points


def _belongs(setup: SearchSetup, arch: Architecture) -> bool:
    """Whether the space knows every kind of super-block of a network."""
    try:
        return all(
            any(choice.startswith(f"{block.name}(") for choice in setup.space.choices(arch, index))
            for index, block in enumerate(arch.blocks)
        )
    except UserError:
        return False
