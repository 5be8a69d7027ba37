"""The population of the evolution, from which the lowest score is dropped first."""

import heapq
from dataclasses import dataclass
from typing import NamedTuple

from zen_lightning.arch import BaseArchitecture

SCORE_DIGITS = 9
"""Decimals that scores are rounded to; see :class:`~zen_lightning.search.evolution.Evolution`. A choice: far above the rounding
of a sum of logarithms, far below any difference that matters."""


@dataclass(slots=True, eq=False)
class Member:
    """One architecture of the population.

    Attributes:
        score: its score; higher is better.
        serial: number of members appended before it, which breaks ties.
        architecture: the scored network.
        slot: its position in the population.
        parts: measurements of a proxy that ranks within a set; empty for other proxies.
    """

    score: float
    serial: int
    architecture: BaseArchitecture
    slot: int
    parts: tuple[float, ...] = ()


class Saved(NamedTuple):
    """The data from which a member can be restored."""

    serial: int
    score: float
    architecture: BaseArchitecture
    parts: tuple[float, ...] = ()


class Population:
    """Members in slots. Among equal scores the oldest is dropped first, and the oldest counts as the best.

    The slots are part of the state: a uniform draw is a draw of a slot.
    """

    def __init__(self) -> None:
        self.members: list[Member] = []
        self.appended = 0
        self._heap: list[tuple[float, int, Member]] = []

    def __len__(self) -> int:
        return len(self.members)

    def append(self, architecture: BaseArchitecture, score: float, parts: tuple[float, ...] = ()) -> Member:
        """Add a member and return it; an architecture may occur several times."""
        member = Member(score, self.appended, architecture, len(self.members), parts)
        self._place(member)
        self.appended += 1
        return member

    def drop_lowest(self) -> None:
        """Remove the member with the lowest score; the member of the last slot moves to its slot."""
        self._take_out(heapq.heappop(self._heap)[2])

    def restore(self, members: list[Saved], appended: int) -> None:
        """Restore the saved members, one for each slot in order."""
        self.members, self._heap, self.appended = [], [], appended
        for saved in members:
            self._place(Member(saved.score, saved.serial, saved.architecture, len(self.members), saved.parts))

    def best(self) -> Member:
        """Return the member with the highest score."""
        return max(self.members, key=lambda member: (member.score, -member.serial))

    def best_scores(self, count: int) -> list[float]:
        """Return the highest ``count`` scores, ascending."""
        return sorted([member.score for member in self.members])[-count:]

    def ranked(self, count: int) -> list[Member]:
        """Return the best ``count`` members with distinct structures, best first."""
        seen: set[BaseArchitecture] = set()
        distinct = []
        for member in sorted(self.members, key=lambda member: (-member.score, member.serial)):
            if member.architecture not in seen:
                seen.add(member.architecture)
                distinct.append(member)
                if len(distinct) == count:
                    break
        return distinct

    def _take_out(self, lowest: Member) -> None:
        last = self.members.pop()
        if last is not lowest:
            last.slot = lowest.slot
            self.members[last.slot] = last

    def _place(self, member: Member) -> None:
        self.members.append(member)
        heapq.heappush(self._heap, (member.score, member.serial, member))
