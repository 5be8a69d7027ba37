"""To come."""

from typing import Any


def analyze(*arguments: Any, **more: Any) -> Any:
    """Raise: not there yet."""
    raise NotImplementedError


def compare(*arguments: Any, **more: Any) -> Any:
    """Raise: not there yet."""
    raise NotImplementedError


def correlate(*arguments: Any, **more: Any) -> Any:
    """Raise: not there yet."""
    raise NotImplementedError


def export(*arguments: Any, **more: Any) -> Any:
    """Raise: not there yet."""
    raise NotImplementedError
