"""The range of what a user writes for a limit."""

from dataclasses import dataclass
from typing import Any

from zen_lightning.budget.counted import LayersLimit
from zen_lightning.budget.limit import Limit
from zen_lightning.errors import UserError

AUTO = "auto"
"""Of the layers: the search chooses how many."""


@dataclass(frozen=True)
class Amount:
    """What the class of a limit reads, such as ``200k``, and of layers ``auto`` too.

    Example:
        >>> from zen_lightning.budget import ParamsLimit
        >>> Amount(ParamsLimit).wrong("200k", "params"), Amount(LayersLimit).wrong("auto", "layers")
        (None, None)
        >>> Amount(LayersLimit).phrase("x")
        'a positive count such as 14, or auto'
    """

    kind: type[Limit]

    def wrong(self, value: Any, where: str) -> str | None:
        """Return what is wrong."""
        return f"{where}: expected {self.phrase(value)}" if self._expected(value) else None

    def phrase(self, value: Any) -> str:
        """Return what was expected."""
        return self._expected(value)

    def _expected(self, value: Any) -> str:
        if value == AUTO and self.kind is LayersLimit:
            return ""
        try:
            self.kind.read(value)
        except UserError as error:
            return error.expectation
        return ""
