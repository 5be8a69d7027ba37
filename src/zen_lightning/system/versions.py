"""Versions of this project and of installed packages."""

from collections.abc import Iterable

VERSION = "0.1.0"
"""The version of this project, here and not in the package's ``__init__``, so that every room can read it."""


def installed_versions(packages: Iterable[str]) -> dict[str, str]:
    """Return the versions of those packages that are installed, in the order given.

    Example:
        >>> list(installed_versions(["torch", "no-such-package"]))
        ['torch']
    """
    from importlib.metadata import PackageNotFoundError, version  # Slow to import; ``import zen_lightning`` reads VERSION.

    found = {}
    for package in packages:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found
