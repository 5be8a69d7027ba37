"""What a zero-shot proxy is."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeAlias, Union

from zen_lightning.arch import BaseArchitecture
from zen_lightning.errors import UserError

if TYPE_CHECKING:
    from torch import nn

Scorable: TypeAlias = Union[BaseArchitecture, "nn.Module"]
"""What a proxy may be asked about: an architecture, or a module where the proxy allows it."""


class CannotScoreError(UserError):
    """A proxy cannot score this network; the message says why. A search rejects and counts the candidate."""


class Score(NamedTuple):
    """The score of a network; higher is better.

    Attributes:
        value: the mean over the repeats.
        standard_error: standard error of that mean; 0 for a score without noise, None for a single noisy draw.
        parts: what a :class:`RankedProxy` measured, in the order of its ``part_names``; empty for any other.
    """

    value: float
    standard_error: float | None = 0.0
    parts: tuple[float, ...] = ()

    def __str__(self) -> str:
        return f"{self.value:.3f}" + (f" ± {self.standard_error:.3f}" if self.standard_error else "")


class Proxy(ABC):
    """A score for an architecture that is never trained. Subclass it, and give it a YAML under ``conf/proxy``.

    A proxy that builds the network is a :class:`~zen_lightning.proxy.network_proxy.NetworkProxy`: there is less to write.

    Attributes:
        name: class attribute, the field's name for it.
        cheap: class attribute, whether a score costs less than to look up whether it was worked out before.
    """

    name: ClassVar[str]
    cheap: ClassVar[bool] = False

    @abstractmethod
    def score(self, architecture: Scorable, seed: int = 0) -> Score:
        """Return the score of an architecture.

        Args:
            architecture: what to score.
            seed: of every random number drawn; a proxy without noise ignores it.

        Raises:
            CannotScoreError: there is no honest score for this network.
        """


class RankedProxy(Proxy):
    """A proxy that measures several things and ranks networks by all of them.

    What it says of a network holds within a set: a search ranks among all it has looked at, ``task=correlate`` within its
    sample, and :meth:`score` within a set of one, which is the same for every network. Compare ``Score.parts`` there.

    Attributes:
        part_names: class attribute, what is measured; of each, higher is better.
    """

    part_names: ClassVar[tuple[str, ...]]

    @abstractmethod
    def combine(self, parts: Sequence[tuple[float, ...]]) -> list[float]:
        """Return the score of each network of a set from what was measured of all; higher is better.

        Args:
            parts: ``Score.parts`` of each network.
        """


def ascending_ranks(values: Sequence[float]) -> list[float]:
    """Return the rank of each value: 1 for the lowest, the mean rank for equal ones.

    Example:
        >>> ascending_ranks([0.5, 7.0, 0.5, 9.0])
        [1.5, 3.0, 1.5, 4.0]
    """
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        stop = start
        while stop < len(order) and values[order[stop]] == values[order[start]]:
            stop += 1
        for index in order[start:stop]:
            ranks[index] = (start + 1 + stop) / 2
        start = stop
    return ranks
