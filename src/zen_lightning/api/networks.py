"""``zl.analyze``, ``zl.compare``, ``zl.correlate``, ``zl.export``: what is said of given networks."""

from typing import Any

from zen_lightning.api.analysis import Analysis, analyze
from zen_lightning.api.exporting import export

__all__ = ["Analysis", "analyze", "compare", "correlate", "export"]


def compare(*arguments: Any, **more: Any) -> Any:
    """Raise: not there yet."""
    raise NotImplementedError


def correlate(*arguments: Any, **more: Any) -> Any:
    """Raise: not there yet."""
    raise NotImplementedError
