"""The population of a search by a proxy that ranks within a set."""

from zen_lightning.arch import BaseArchitecture
from zen_lightning.proxy.base import RankedProxy
from zen_lightning.search.population import SCORE_DIGITS, Member, Population
from zen_lightning.search.trace import Cloud


class RankedPopulation(Population):
    """Members whose scores come from ``proxy.combine`` over all networks of the search, at the moment they are requested.

    These networks are the members and the cloud: all scored candidates, or an even sample if there are too many. Among the
    survivors alone, which are good in every part, ranks would mean less and less. Each structure counts once and is a member
    once. All scores are computed together when they are needed, so scores of different moments are never compared. They depend
    only on members and cloud, so a resumed search has the same ones.

    Args:
        proxy: the proxy that combines the measurements.
        cloud: the cloud of the search.
    """

    def __init__(self, proxy: RankedProxy, cloud: Cloud) -> None:
        super().__init__()
        self._proxy = proxy
        self._cloud = cloud

    def append(self, architecture: BaseArchitecture, score: float, parts: tuple[float, ...] = ()) -> Member:
        """Add a member, unless it is one already, and return it.

        Args:
            architecture: the scored network.
            score: its score within a set of one; it is not used.
            parts: its measurements.
        """
        for member in self.members:
            if member.architecture == architecture:
                self.appended += 1
                return member
        return super().append(architecture, score, parts)

    def drop_lowest(self) -> None:
        """Remove the member with the lowest score at this moment."""
        self._update_scores()
        self._take_out(min(self.members, key=_standing))

    def best(self) -> Member:
        """Return the member with the highest score at this moment."""
        self._update_scores()
        return super().best()

    def ranked(self, count: int) -> list[Member]:
        """Return the best ``count`` members at this moment, best first."""
        self._update_scores()
        return super().ranked(count)

    def best_scores(self, count: int) -> list[float]:
        """Return the scores of the best ``count`` members at this moment, ascending."""
        self._update_scores()
        return super().best_scores(count)

    def score_cloud(self) -> None:
        """Update the scores of the points of the cloud, in place."""
        scores = self._scores()
        self._cloud.points = [point._replace(score=scores[point.architecture]) for point in self._cloud.points]

    def _place(self, member: Member) -> None:
        self.members.append(member)

    def _update_scores(self) -> None:
        scores = self._scores()
        for member in self.members:
            member.score = scores[member.architecture]

    def _scores(self) -> dict[BaseArchitecture, float]:
        parts = {point.architecture: point.parts for point in self._cloud.points}
        parts.update({member.architecture: member.parts for member in self.members})
        # Rounded, so that sums of the same terms in another order tie.
        combined = self._proxy.combine(list(parts.values())) if parts else []
        return dict(zip(parts, [round(score, SCORE_DIGITS) for score in combined], strict=True))


def _standing(member: Member) -> tuple[float, int]:
    return member.score, member.serial
