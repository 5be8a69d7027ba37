"""The cells of an archive, each with the best networks of about one cost."""

import math
from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from zen_lightning.search.population import Member

Key = tuple[int, ...]


@dataclass(slots=True, eq=False)
class Kept(Member):
    """A member of an archive.

    Attributes:
        grids: number of grids that hold it.
    """

    grids: int = 0


@dataclass(slots=True)
class Cell:
    """The networks of about one cost; cells sort by their key.

    Attributes:
        key: number of the step of each cost.
        members: its networks, lowest score first, and the newest first among equal scores.
    """

    key: Key
    members: list[Kept] = field(default_factory=list)

    def __lt__(self, other: "Cell") -> bool:
        return self.key < other.key


class Grid:
    """Cells over some of the costs, in steps of their logarithms. A cell keeps its best few networks, each structure once.

    A network is dropped when another cell that is no more expensive in any cost holds one with at least its score, so a front
    remains, at the resolution of the cells. The networks that remain depend on the set that was offered and not on its order,
    so an archive can be rebuilt from its members.

    Args:
        costs: positions of the costs that span the grid.
        steps: number of cells for each factor of e.
        capacity: the most networks of a cell.
    """

    def __init__(self, costs: Sequence[int], steps: float, capacity: int) -> None:
        self._costs = tuple(costs)
        self._steps = steps
        self._capacity = capacity
        self._cells: list[Cell] = []

    def __len__(self) -> int:
        return len(self._cells)

    def add(self, member: Kept, logarithms: Sequence[float]) -> list[Kept]:
        """Offer a network, and return those that it replaces; if the grid keeps it, ``member.grids`` goes up by one.

        Args:
            member: a scored network.
            logarithms: the logarithms of all its costs.
        """
        key = tuple([math.ceil(logarithms[cost] * self._steps) for cost in self._costs])
        at = bisect_left(self._cells, Cell(key))
        cell = self._cells[at] if at < len(self._cells) and self._cells[at].key == key else None
        if cell is not None and not self._admits(cell, member):
            return []
        if self._dominated(key, member.score):
            return []
        if cell is None:
            cell = Cell(key)
            self._cells.insert(at, cell)
        member.grids += 1
        insort(cell.members, member, key=_standing)
        out = []
        if len(cell.members) > self._capacity:
            out.append(cell.members.pop(0))
        if cell.members[-1] is member:
            out += self._drop_dominated(at, member.score)
        for dropped in out:
            dropped.grids -= 1
        return out

    def draw(self, rng: Random) -> Kept:
        """Return a network drawn uniformly from a cell that is drawn uniformly."""
        members = self._cells[int(rng.random() * len(self._cells))].members
        return members[int(rng.random() * len(members))]

    def _admits(self, cell: Cell, member: Kept) -> bool:
        if len(cell.members) == self._capacity and _standing(member) < _standing(cell.members[0]):
            return False
        return not any([m.score == member.score and m.architecture == member.architecture for m in cell.members])

    def _dominated(self, key: Key, score: float) -> bool:
        first = key[0]
        for cell in self._cells:
            other = cell.key
            if other[0] > first:
                break
            if cell.members[-1].score >= score and other != key and _covers(other, key):
                return True
        return False

    def _drop_dominated(self, at: int, score: float) -> list[Kept]:
        """Remove what the new best of the cell at this position dominates; only later cells can hold such networks."""
        key = self._cells[at].key
        out: list[Kept] = []
        emptied = False
        for cell in self._cells[at + 1 :]:
            if cell.members[0].score <= score and _covers(key, cell.key):
                out += [member for member in cell.members if member.score <= score]
                cell.members = [member for member in cell.members if member.score > score]
                emptied = emptied or not cell.members
        if emptied:
            self._cells = [cell for cell in self._cells if cell.members]
        return out


def _covers(one: Key, other: Key) -> bool:
    """Whether no cost of ``one`` is larger than that of ``other``."""
    return all([a <= b for a, b in zip(one, other, strict=True)])


def _standing(member: Kept) -> tuple[float, int]:
    return member.score, -member.serial
