"""The interface of search spaces."""

from abc import ABC, abstractmethod
from random import Random
from typing import ClassVar, Generic, TypeVar

from zen_lightning.arch import BaseArchitecture

A = TypeVar("A", bound=BaseArchitecture)


class SearchSpace(ABC, Generic[A]):
    """A set of architectures, and the mutations that turn one into another.

    Subclass it, or :class:`~zen_lightning.space.blocks.BlockSpace` for a space of super-blocks, and give it a YAML under
    ``conf/search_space``.

    Attributes:
        name: class attribute, its name in configurations.
        step: class attribute, number of positions that one step of the evolution draws.
        bounded: class attribute, whether the space has a largest member, so that it can be searched without a budget.
        start: class attribute, the start of a search whose configured start is written in another language; empty where the
            space reads the starts of all budgets.
    """

    name: ClassVar[str]
    step: ClassVar[int] = 2  # As in the code released with Zen-NAS.
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
            architecture: a member of this space.
            index: number of the super-block, or of the edge of a cell, from 0.
        """

    def odds(self, architecture: A, index: int) -> dict[str, float]:
        """Return the probability of every choice, by its text, where part ``index`` is replaced: uniform unless overridden."""
        choices = self.choices(architecture, index)
        return dict.fromkeys(choices, 1 / len(choices))

    @abstractmethod
    def mutate(self, architecture: A, rng: Random, positions: int = 1) -> A:
        """Return the architecture with some of its parts replaced, each by a draw of its choices with their :meth:`odds`.

        Only ``rng.random()`` is called, which Python keeps the same on every platform and version.

        Args:
            architecture: a member of this space; it is not changed.
            rng: source of the random numbers.
            positions: number of positions to draw, with replacement; a position drawn twice is mutated once.
        """

    def child(self, architecture: A, rng: Random, positions: int, max_layers: float) -> A | None:
        """Return a mutation as a search writes it, split, or None where it has more layers than allowed.

        A space that knows the layers of a mutation before it is made may override this; the draws are those of :meth:`mutate`.

        Args:
            architecture: a member of this space; it is not changed.
            rng: source of the random numbers.
            positions: as of :meth:`mutate`.
            max_layers: the most layers; infinite for no limit.
        """
        child: A = self.mutate(architecture, rng, positions).split()  # type: ignore[assignment]
        return None if child.num_layers > max_layers else child
