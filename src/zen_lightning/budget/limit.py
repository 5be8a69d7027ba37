"""One limit on what a network may cost. Counts are those of the network without SE."""

from abc import ABC, abstractmethod
from typing import ClassVar

from zen_lightning.arch import BaseArchitecture


class Limit(ABC):
    """One limit of a budget. Subclass it to bound something else.

    Args:
        maximum: a value equal to it passes.

    Attributes:
        name: class attribute, the key under ``budget``.
        repeatable: class attribute, whether a network measures the same each time.
    """

    name: ClassVar[str]
    repeatable: ClassVar[bool] = True

    def __init__(self, maximum: float) -> None:
        self.maximum = maximum

    @abstractmethod
    def measure(self, architecture: BaseArchitecture) -> float:
        """Return what the limit bounds."""
