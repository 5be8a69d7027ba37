"""What a zero-shot proxy is."""

from abc import ABC, abstractmethod
from typing import ClassVar, NamedTuple

from zen_lightning.arch import Architecture
from zen_lightning.errors import UserError


class CannotScoreError(UserError):
    """A proxy cannot score this network; the message says why. A search rejects and counts the candidate."""


class Score(NamedTuple):
    """The score of a network; higher is better.

    Attributes:
        value: the mean over the repeats.
        standard_error: standard error of that mean; 0 for a score without noise, None for a single noisy draw.
    """

    value: float
    standard_error: float | None = 0.0

    def __str__(self) -> str:
        return f"{self.value:.3f}" + (f" ± {self.standard_error:.3f}" if self.standard_error else "")


class Proxy(ABC):
    """A score for an architecture that is never trained. Subclass it, and give it a YAML under ``conf/proxy``.

    Attributes:
        name: class attribute, the field's name for it.
    """

    name: ClassVar[str]

    @abstractmethod
    def score(self, architecture: Architecture, seed: int = 0) -> Score:
        """Return the score of an architecture.

        Args:
            architecture: what to score.
            seed: of every random number drawn; a proxy without noise ignores it.

        Raises:
            CannotScoreError: there is no honest score for this network.
        """
