"""To come."""

from typing import Any


def train(*arguments: Any, **more: Any) -> Any:
    """Raise: not there yet."""
    raise NotImplementedError


def distill(*arguments: Any, **more: Any) -> Any:
    """Raise: not there yet."""
    raise NotImplementedError


def evaluate(*arguments: Any, **more: Any) -> Any:
    """Raise: not there yet."""
    raise NotImplementedError
