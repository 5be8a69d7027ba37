"""To come."""

from typing import Any


def search(*arguments: Any, **more: Any) -> Any:
    """Raise: not there yet."""
    raise NotImplementedError


def pareto(*arguments: Any, **more: Any) -> Any:
    """Raise: not there yet."""
    raise NotImplementedError
