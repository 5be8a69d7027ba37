"""What an architecture may turn into."""

from abc import ABC, abstractmethod
from random import Random
from typing import ClassVar, Generic, TypeVar

from zen_lightning.arch import BaseArchitecture

A = TypeVar("A", bound=BaseArchitecture)


class SearchSpace(ABC, Generic[A]):
    """A set of architectures, and how one turns into another.

    Subclass it, or :class:`~zen_lightning.space.blocks.BlockSpace` for a space of super-blocks, and give it a YAML under
    ``conf/search_space``.

    Attributes:
        name: class attribute, the name used in configurations.
        step: class attribute, how many positions one step of the evolution draws.
        bounded: class attribute, whether the space has a largest member, so that it can be searched without a budget.
        start: class attribute, where a search begins whose configured start is in another language; empty where every start
            of the budgets can be read.
    """

    name: ClassVar[str]
    step: ClassVar[int] = 2
    bounded: ClassVar[bool] = False
    start: ClassVar[str] = ""

    @abstractmethod
    def parse(self, text: str) -> A:
        """Return the architecture that a string of this space names.

        Raises:
            ArchitectureError: with the position and what was expected there.
        """

    @abstractmethod
    def choices(self, architecture: A, index: int) -> list[str]:
        """Return the text of every allowed replacement of part ``index``, sorted.

        Args:
            architecture: of this space.
            index: which super-block, or which edge of a cell, from 0.
        """

    @abstractmethod
    def mutate(self, architecture: A, rng: Random, positions: int = 1) -> A:
        """Return the architecture with some of its parts replaced, each by a uniform draw.

        Only ``rng.random()`` is called, which Python keeps the same on every platform and version.

        Args:
            architecture: of this space; it is not changed.
            rng: where the draws come from.
            positions: how many positions to draw, with replacement; one drawn twice is mutated once.
        """
