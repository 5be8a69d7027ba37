"""The interface of zero-shot proxies."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, NamedTuple, TypeAlias, Union

from zen_lightning.arch import BaseArchitecture
from zen_lightning.errors import UserError

if TYPE_CHECKING:
    from torch import nn

Scorable: TypeAlias = Union[BaseArchitecture, "nn.Module"]
"""What a proxy can score: an architecture, or a module where the proxy allows it."""


class CannotScoreError(UserError):
    """A proxy cannot score this network; the message says why. A search rejects and counts the candidate."""


class Score(NamedTuple):
    """The score of a network; higher is better.

    Attributes:
        value: the mean over the repeats.
        standard_error: standard error of that mean; 0 for a score without noise, None for a single noisy draw.
        parts: measurements of a :class:`RankedProxy`, in the order of its ``part_names``; empty for other proxies.
    """

    value: float
    standard_error: float | None = 0.0
    parts: tuple[float, ...] = ()

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return f"{self.value:.3f}" + (f" ± {self.standard_error:.3f}" if self.standard_error else "")


class Proxy(ABC):
    """A score of an architecture without training. Subclass it, and add a YAML under ``conf/proxy``.

    For a proxy that builds the network, subclass :class:`~zen_lightning.proxy.network_proxy.NetworkProxy`, which does more.

    Attributes:
        name: class attribute, its name in the literature.
        title: class attribute, what a sentence calls it; its name unless said otherwise.
        cheap: class attribute, whether computing a score costs less than looking it up in a cache.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    cheap: ClassVar[bool] = False

    def __init_subclass__(cls, **keywords: object) -> None:
        super().__init_subclass__(**keywords)
        if "title" not in vars(cls) and "name" in vars(cls):
            cls.title = cls.name

    @abstractmethod
    def score(self, architecture: Scorable, seed: int = 0) -> Score:
        """Return the score of an architecture.

        Args:
            architecture: the network to score.
            seed: seed of all random numbers; a proxy without noise ignores it.

        Raises:
            CannotScoreError: the score is not defined for this network, or cannot be computed.
        """


class RankedProxy(Proxy):
    """A proxy that takes several measurements and ranks networks by all of them.

    Its scores hold within a set: a search ranks all networks it has scored, a correlation ranks its sample, and :meth:`score`
    ranks a set of one, with the same score for every network. Compare ``Score.parts`` there.

    Attributes:
        part_names: class attribute, names of the measurements; higher is better in each.
    """

    part_names: ClassVar[tuple[str, ...]]

    @abstractmethod
    def combine(self, parts: Sequence[tuple[float, ...]]) -> list[float]:
        """Return the score of each network of a set from the measurements of all; higher is better.

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
