"""The population of the evolution: uniform draws, and the lowest score dropped first."""

import heapq
from dataclasses import dataclass
from typing import NamedTuple

from zen_lightning.arch import BaseArchitecture

SCORE_DIGITS = 9
"""Scores are rounded to this many decimals; see :class:`~zen_lightning.search.evolution.Evolution`."""


@dataclass(slots=True, eq=False)
class Member:
    """One architecture of the population.

    Attributes:
        score: higher is better.
        serial: how many were appended before it; settles ties.
        architecture: what was scored.
        slot: where the population holds it.
        parts: what a proxy measured that ranks within a set; empty for any other.
    """

    score: float
    serial: int
    architecture: BaseArchitecture
    slot: int
    parts: tuple[float, ...] = ()


class Saved(NamedTuple):
    """What has to be kept of a member to have it back."""

    serial: int
    score: float
    architecture: BaseArchitecture
    parts: tuple[float, ...] = ()


class Population:
    """Members in slots. Of equal scores the oldest is dropped first, and the oldest counts as the best.

    Which slot a member has is part of the state: a uniform draw is a draw of a slot.
    """

    def __init__(self) -> None:
        self.members: list[Member] = []
        self.appended = 0
        self._heap: list[tuple[float, int, Member]] = []

    def __len__(self) -> int:
        return len(self.members)

    def append(self, architecture: BaseArchitecture, score: float, parts: tuple[float, ...] = ()) -> Member:
        """Add a member and return it; an architecture may be there several times."""
        member = Member(score, self.appended, architecture, len(self.members), parts)
        self._place(member)
        self.appended += 1
        return member

    def drop_lowest(self) -> None:
        """Remove the member with the lowest score; the one in the last slot takes its slot."""
        self._take_out(heapq.heappop(self._heap)[2])

    def restore(self, members: list[Saved], appended: int) -> None:
        """Become what was saved: the member of each slot, in order."""
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
