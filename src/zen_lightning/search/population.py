"""The population of the evolution: uniform draws, and the lowest score dropped first."""

import heapq
from dataclasses import dataclass

from zen_lightning.arch import Architecture


@dataclass(slots=True, eq=False)
class Member:
    """One architecture of the population.

    Attributes:
        score: higher is better.
        serial: how many were appended before it; settles ties.
        architecture: what was scored.
        slot: where the population holds it.
    """

    score: float
    serial: int
    architecture: Architecture
    slot: int


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

    def append(self, architecture: Architecture, score: float) -> None:
        """Add a member; an architecture may be there several times."""
        self._place(Member(score, self.appended, architecture, len(self.members)))
        self.appended += 1

    def drop_lowest(self) -> None:
        """Remove the member with the lowest score; the one in the last slot takes its slot."""
        _, _, lowest = heapq.heappop(self._heap)
        last = self.members.pop()
        if last is not lowest:
            last.slot = lowest.slot
            self.members[last.slot] = last

    def restore(self, members: list[tuple[int, float, Architecture]], appended: int) -> None:
        """Become what was saved: (serial, score, architecture) of each slot in order."""
        self.members, self._heap, self.appended = [], [], appended
        for serial, score, architecture in members:
            self._place(Member(score, serial, architecture, len(self.members)))

    def best(self) -> Member:
        """Return the member with the highest score."""
        return max(self.members, key=lambda member: (member.score, -member.serial))

    def ranked(self, count: int) -> list[Member]:
        """Return the best ``count`` members with distinct structures, best first."""
        seen: set[Architecture] = set()
        distinct = []
        for member in sorted(self.members, key=lambda member: (-member.score, member.serial)):
            if member.architecture not in seen:
                seen.add(member.architecture)
                distinct.append(member)
                if len(distinct) == count:
                    break
        return distinct

    def _place(self, member: Member) -> None:
        self.members.append(member)
        heapq.heappush(self._heap, (member.score, member.serial, member))
