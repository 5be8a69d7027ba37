"""The population under a proxy that ranks within a set."""

from zen_lightning.arch import BaseArchitecture
from zen_lightning.proxy.base import RankedProxy
from zen_lightning.search.population import SCORE_DIGITS, Member, Population, Saved


class RankedPopulation(Population):
    """Members whose scores are those of ``proxy.combine`` within the members of the moment.

    Whoever comes or goes changes all scores: :attr:`Member.score` is always the one among the present members, and scores of
    two moments are never compared.

    Args:
        proxy: that combines what was measured of the members.
    """

    def __init__(self, proxy: RankedProxy) -> None:
        super().__init__()
        self._proxy = proxy

    def append(self, architecture: BaseArchitecture, score: float, parts: tuple[float, ...] = ()) -> Member:
        """Add a member, and score all anew.

        Args:
            architecture: what was scored.
            score: within a set of one, which says nothing; it is not kept.
            parts: what was measured.
        """
        member = super().append(architecture, score, parts)
        self._score_anew()
        return member

    def drop_lowest(self) -> None:
        """Remove the member with the lowest score among the present ones, and score the others anew."""
        self._take_out(min(self.members, key=_standing))
        self._score_anew()

    def restore(self, members: list[Saved], appended: int) -> None:
        """Become what was saved; the scores are worked out anew."""
        super().restore(members, appended)
        self._score_anew()

    def best_scores(self, count: int) -> list[float]:
        """Return the scores of the best ``count`` members among themselves, ascending."""
        kept = sorted(self.members, key=_standing)[-count:]
        return sorted(self._combined(kept))

    def _place(self, member: Member) -> None:
        self.members.append(member)

    def _score_anew(self) -> None:
        for member, score in zip(self.members, self._combined(self.members), strict=True):
            member.score = score

    def _combined(self, members: list[Member]) -> list[float]:
        if not members:
            return []
        # Rounded, sums of equal terms in another order tie.
        return [round(score, SCORE_DIGITS) for score in self._proxy.combine([member.parts for member in members])]


def _standing(member: Member) -> tuple[float, int]:
    return member.score, member.serial
