"""To come."""

from typing import Any


def latency(*arguments: Any, **more: Any) -> Any:
    """Raise: not there yet."""
    raise NotImplementedError


def profile(*arguments: Any, **more: Any) -> Any:
    """Raise: not there yet."""
    raise NotImplementedError
