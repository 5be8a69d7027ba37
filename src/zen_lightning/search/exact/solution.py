"""What an exact search finds and proves."""

from dataclasses import dataclass, replace

from zen_lightning.search.exact.course import Found, Priced, Step


@dataclass(frozen=True)
class Solution:
    """The best networks and the proof.

    Attributes:
        networks: the best network first, then the best of every other structure that was enumerated.
        every_cost: networks of other costs that are as good at their price, best first; empty unless requested.
        bound: upper bound of the score of every network of the space within the limits, with widths up to ``widest``.
        dual_bound: the same by prices alone, before the enumeration.
        priced: values and prices of which the bound of cheaper networks is made: the score of a network that costs less than
            the limits is at most the largest value less the prices of the difference.
        prices: price of each cost, by name.
        widest: the largest width that was searched.
        labels: number of partial networks that were enumerated.
        steps: the course of the proof.
        finished: whether the proof is; if not, a limit on time ended it, and ``bound`` is what was proved by then: infinite
            before the first pass over all blocks.
    """

    networks: list[Found]
    every_cost: list[Found]
    bound: float
    dual_bound: float
    priced: tuple[Priced, ...]
    prices: dict[str, float]
    widest: int
    labels: int
    steps: list[Step]
    finished: bool = True

    @property
    def gap(self) -> float:
        """Difference of the bound and the score of the best network."""
        return self.bound - self.networks[0].score

    def scaled(self, scale: float) -> "Solution":
        """Return a solution by tables as one by the score itself, see :attr:`AdditiveScore.scale`."""
        if scale == 1:
            return self
        return replace(
            self,
            networks=[network._replace(score=scale * network.score) for network in self.networks],
            every_cost=[network._replace(score=scale * network.score) for network in self.every_cost],
            bound=scale * self.bound,
            dual_bound=scale * self.dual_bound,
            priced=tuple(Priced(scale * one.value, tuple(scale * price for price in one.prices)) for one in self.priced),
            prices={name: scale * price for name, price in self.prices.items()},
            steps=[step.scaled(scale) for step in self.steps],
        )
