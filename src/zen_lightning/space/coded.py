"""Spaces of benchmarks whose networks have a code of their own."""

from abc import abstractmethod
from random import Random
from typing import ClassVar, TypeVar

from zen_lightning.arch.coded import CodedArchitecture
from zen_lightning.errors import UserError
from zen_lightning.space.base import SearchSpace

C = TypeVar("C", bound=CodedArchitecture)


class CodeSpace(SearchSpace[C]):
    """Networks given by a code of a fixed number of parts. A mutation redraws parts of the code.

    Attributes:
        language: class attribute, the class that reads the codes.
    """

    bounded = True
    language: ClassVar[type[CodedArchitecture]]

    @abstractmethod
    def options(self, parts: tuple[str, ...], index: int) -> tuple[str, ...]:
        """Return the values that may replace part ``index`` of a code."""

    def padded(self, architecture: C) -> tuple[str, ...]:
        """Return the code, padded to the length that all codes of the space have."""
        return architecture.parts

    def parse(self, text: str) -> C:
        """Return the architecture that a code of this space names."""
        found: C = self.language.parse(text)  # type: ignore[assignment]
        return found

    def choices(self, architecture: C, index: int) -> list[str]:
        """Return the values that may replace part ``index``, sorted."""
        return sorted(self.options(self._parts(architecture), index))

    def mutate(self, architecture: C, rng: Random, positions: int = 1) -> C:
        """Return the network with some parts of its code replaced, each by a uniform draw.

        Where several parts are drawn and the allowed values of one depend on the others, each draw is among the values that are
        allowed after the draws before it.
        """
        first = list(self._parts(architecture))
        parts = list(first)
        for index in dict.fromkeys([int(rng.random() * len(parts)) for _ in range(positions)]):
            allowed = self.options(tuple(parts), index)
            if positions > 1:
                at_first = self.options(tuple(first), index)
                allowed = tuple(option for option in allowed if option in at_first)
            parts[index] = allowed[int(rng.random() * len(allowed))]
        child: C = self.language(self.trimmed(parts))  # type: ignore[assignment]
        return child

    def trimmed(self, parts: list[str]) -> list[str]:
        """Return a code without its padding."""
        return parts

    def _parts(self, architecture: C) -> tuple[str, ...]:
        if not isinstance(architecture, self.language):
            raise UserError(f"{architecture} is not a network of the search space {self.name!r}", key="architecture")
        return self.padded(architecture)
