"""The population under a proxy that ranks within a set."""

from zen_lightning.arch import BaseArchitecture
from zen_lightning.proxy.base import RankedProxy
from zen_lightning.search.population import SCORE_DIGITS, Member, Population
from zen_lightning.search.trace import Cloud


class RankedPopulation(Population):
    """Members whose scores are those of ``proxy.combine`` among all that the search has looked at, at the moment of asking.

    All that it looked at is the members and the cloud: every candidate scored, or an even sample of them where there were too
    many. Among the survivors alone the ranks would mean less and less, all of them being good at everything. Each structure
    counts once, and is a member once. Scores are worked out when they are needed, all of them from the same set, so that two
    moments are never compared; they follow from members and cloud alone, so that a search that is resumed has the same.

    Args:
        proxy: that combines what was measured.
        cloud: of the search.
    """

    def __init__(self, proxy: RankedProxy, cloud: Cloud) -> None:
        super().__init__()
        self._proxy = proxy
        self._cloud = cloud

    def append(self, architecture: BaseArchitecture, score: float, parts: tuple[float, ...] = ()) -> Member:
        """Add a member, unless it is one already, and return it.

        Args:
            architecture: what was scored.
            score: within a set of one, which says nothing; it is not used.
            parts: what was measured.
        """
        for member in self.members:
            if member.architecture == architecture:
                self.appended += 1
                return member
        return super().append(architecture, score, parts)

    def drop_lowest(self) -> None:
        """Remove the member with the lowest score of the moment."""
        self._score_anew()
        self._take_out(min(self.members, key=_standing))

    def best(self) -> Member:
        """Return the member with the highest score of the moment."""
        self._score_anew()
        return super().best()

    def ranked(self, count: int) -> list[Member]:
        """Return the best ``count`` members of the moment, best first."""
        self._score_anew()
        return super().ranked(count)

    def best_scores(self, count: int) -> list[float]:
        """Return the scores of the best ``count`` members of the moment, ascending."""
        self._score_anew()
        return super().best_scores(count)

    def score_cloud(self) -> None:
        """Give the points of the cloud their scores of the moment, in place."""
        scores = self._scores()
        self._cloud.points = [point._replace(score=scores[point.architecture]) for point in self._cloud.points]

    def _place(self, member: Member) -> None:
        self.members.append(member)

    def _score_anew(self) -> None:
        scores = self._scores()
        for member in self.members:
            member.score = scores[member.architecture]

    def _scores(self) -> dict[BaseArchitecture, float]:
        parts = {point.architecture: point.parts for point in self._cloud.points}
        parts.update({member.architecture: member.parts for member in self.members})
        # Rounded, sums of equal terms in another order tie.
        combined = self._proxy.combine(list(parts.values())) if parts else []
        return dict(zip(parts, [round(score, SCORE_DIGITS) for score in combined], strict=True))


def _standing(member: Member) -> tuple[float, int]:
    return member.score, member.serial
