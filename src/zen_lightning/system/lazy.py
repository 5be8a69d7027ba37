"""Names of a package that are imported when they are first used."""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any


def lazy_name(package: str, homes: Mapping[str, str], name: str) -> Any:
    """Return a name of a package, and keep it there; for the package's ``__getattr__``.

    Args:
        package: the ``__name__`` of the package.
        homes: the module of each name, below the package.
        name: the name that is asked for.

    Raises:
        AttributeError: the package has no such name.
    """
    if name not in homes:
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    value = getattr(import_module(f"{package}.{homes[name]}"), name)
    setattr(sys.modules[package], name, value)
    return value
