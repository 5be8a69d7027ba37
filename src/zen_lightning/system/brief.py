"""One line for what a notebook shows of an object that holds networks, arrays or long lists."""

from typing import Any

from zen_lightning.system.numbers import shortened

_DIGITS, _LONGEST = 6, 200
"""Significant digits of a number, and characters of a list. Choices: they tell two results apart; the attribute has all."""


def brief(one: object, *names: str, **more: Any) -> str:
    """Return an object's class with some of its attributes, for a ``__repr__``; those that are None are left out.

    Args:
        one: the object.
        names: of its attributes.
        more: what else to tell, by name.

    Example:
        >>> from types import SimpleNamespace
        >>> brief(SimpleNamespace(top1=97.3456789, folder=None, network="..."), "top1", "folder", classes=10)
        'SimpleNamespace(top1=97.3457, classes=10)'
    """
    told = {name: getattr(one, name) for name in names} | more
    said = (f"{name}={_text(value)}" for name, value in told.items() if value is not None)
    return f"{type(one).__name__}({', '.join(said)})"


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.{_DIGITS}g}"
    if isinstance(value, dict):
        return shortened(f"{{{', '.join(f'{key!r}: {_text(item)}' for key, item in value.items())}}}", _LONGEST)
    return shortened(repr(value), _LONGEST) if isinstance(value, list | tuple) else repr(value)
