"""The population of a search for a front: the best networks of every cost."""

import math
from collections.abc import Sequence
from random import Random

from zen_lightning.arch import BaseArchitecture
from zen_lightning.budget import Limit
from zen_lightning.search.grid import Grid, Kept
from zen_lightning.search.objectives import SPAN
from zen_lightning.search.population import Member, Population, Saved

_FINE = 72.0
"""Cells for each factor of e over one cost: 200 over the span, each 1.4% wide; over several costs they are wider. A choice,
judged by the front that it gives (docs/benchmarks.md, "A front")."""

_CELL_CAPACITY = 2
"""Networks of a cell. A choice: a second one gives a parent that is not the best of its cost."""


class Archive(Population):
    """Members in slots, kept as long as at least one of several grids holds them.

    A grid over each single cost keeps the best networks of every cost; one over all costs together keeps the best trade-offs,
    and every second parent is drawn from it. Quality-diversity search works in the same way (MAP-Elites, Mouret and Clune 2015,
    https://arxiv.org/abs/1504.04909): the networks found at one cost are the parents of those at the next.

    Args:
        objectives: the costs.
        start: the start of the search, whose costs belong to the front even if they are small.
    """

    def __init__(self, objectives: Sequence[Limit], start: BaseArchitecture) -> None:
        super().__init__()
        self._measures = [(objective.measure, lowest_cost(objective, start)) for objective in objectives]
        costs = range(len(objectives))
        self._grids = [Grid([cost], _FINE, _CELL_CAPACITY) for cost in costs]
        self._draws = list(self._grids)
        if len(objectives) > 1:
            joint = Grid(costs, _FINE / 2 ** len(objectives), _CELL_CAPACITY)
            self._grids.append(joint)
            self._draws += [joint] * len(objectives)

    def append(self, architecture: BaseArchitecture, score: float, parts: tuple[float, ...] = ()) -> Member:
        """Offer a network, and return it as a member, whether or not a grid keeps it."""
        member = Kept(score, self.appended, architecture, -1, parts)
        self.appended += 1
        self._place(member)
        return member

    def restore(self, members: list[Saved], appended: int) -> None:
        """Restore the saved members, one for each slot in order."""
        assert not self.members, "an archive is restored when it is fresh"
        for saved in members:
            self._place(Kept(saved.score, saved.serial, saved.architecture, -1, saved.parts))
        self.appended = appended

    def draw(self, rng: Random) -> Kept:
        """Return a parent, by drawing a grid, then one of its cells, then one of the cell's members."""
        return self._draws[int(rng.random() * len(self._draws))].draw(rng)

    def _place(self, member: Member) -> None:
        assert isinstance(member, Kept)
        logarithms = [math.log(max(cost(member.architecture), lowest)) for cost, lowest in self._measures]
        out = [dropped for grid in self._grids for dropped in grid.add(member, logarithms)]
        if member.grids:
            member.slot = len(self.members)
            self.members.append(member)
        for dropped in out:
            if not dropped.grids and dropped.slot >= 0:
                self._take_out(dropped)
                dropped.slot = -1


def lowest_cost(objective: Limit, start: BaseArchitecture) -> float:
    """Return the cost below which all networks count as equally cheap, so that none are searched for there.

    Args:
        objective: the cost.
        start: the start of the search; its cost is used where the objective has no maximum.
    """
    own = objective.measure(start)
    return min(objective.maximum / SPAN, own) if math.isfinite(objective.maximum) else own / SPAN
