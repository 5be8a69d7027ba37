"""Rows of super-blocks that a benchmark names by a code of its own."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Self

from zen_lightning.arch.architecture import Architecture
from zen_lightning.arch.block import SuperBlock
from zen_lightning.arch.errors import ArchitectureError


class CodedArchitecture(Architecture):
    """A member of a benchmark's space: its text is the benchmark's code, its network a row of super-blocks.

    It is counted, scored, built, drawn and exported as those super-blocks are. Two of them are equal if their codes are equal;
    two codes of a benchmark may stand for the same network.

    Args:
        parts: the code, part by part.

    Attributes:
        resolution: class attribute, height and width of the benchmark's images.
        num_classes: class attribute, classes of the benchmark's classifier.
    """

    __slots__ = ("parts",)
    resolution: ClassVar[int]
    num_classes: ClassVar[int]

    def __init__(self, parts: Sequence[str]) -> None:
        self.parts = tuple(parts)
        super().__init__(self.expand(self.parts))

    @classmethod
    def parse(cls, text: str, in_channels: int = 3) -> Self:
        """Return the architecture that a code names.

        Args:
            text: one line; white space around it is allowed.
            in_channels: channels of the image; the benchmarks know only 3.

        Raises:
            ArchitectureError: with the position and what was expected there.
        """
        if in_channels != 3:
            problem = f"the networks of this benchmark take images of 3 channels, not {in_channels}"
            raise ArchitectureError(problem, text, 0, "a structure string")
        return cls(cls.read(text))

    @classmethod
    @abstractmethod
    def read(cls, text: str) -> tuple[str, ...]:
        """Return the parts of a code, white space around it allowed.

        Raises:
            ArchitectureError: with the position and what was expected there.
        """

    @classmethod
    @abstractmethod
    def expand(cls, parts: tuple[str, ...]) -> tuple[SuperBlock, ...]:
        """Return the super-blocks of a code."""

    @classmethod
    @abstractmethod
    def write(cls, parts: tuple[str, ...]) -> str:
        """Return the code in one text."""

    @property
    def structure(self) -> Architecture:
        """The same network in the language of super-blocks, without the code: to be changed beyond the benchmark's space."""
        return Architecture(self.blocks)

    def split(self) -> "CodedArchitecture":
        """Return itself: the code fixes the depth of each stage."""
        return self

    def __str__(self) -> str:
        if self._text is None:
            self._text = self.write(self.parts)
        return self._text

    def __repr__(self) -> str:
        return f"{type(self).__name__}.parse({str(self)!r})"

    def __hash__(self) -> int:
        return hash(self.parts)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and isinstance(other, CodedArchitecture) and self.parts == other.parts

    def __reduce__(self) -> tuple[type["CodedArchitecture"], tuple[tuple[str, ...]]]:  # type: ignore[override]
        return type(self), (self.parts,)
