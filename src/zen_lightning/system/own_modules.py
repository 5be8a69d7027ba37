"""Modules of one's own: what ``imports=`` names is imported before anything that may need it, in every process."""

import os
import sys
from importlib import import_module
from typing import Any

from zen_lightning.errors import UserError

PLACE = "ZEN_LIGHTNING_IMPORTS_FROM"
"""Environment variable: the directory that the command was given in. Jobs inherit it, whatever directory they run in."""


def note_directory() -> None:
    """Keep the working directory of a command as the place of its own modules; its child processes inherit it.

    Raises:
        UserError: it was deleted.
    """
    if PLACE not in os.environ:
        try:
            os.environ[PLACE] = os.getcwd()
        except FileNotFoundError as error:
            raise UserError("the working directory was deleted", remedy="change to another, and start again") from error


def import_own(names: Any) -> None:
    """Import modules by name: installed ones, or those in the directory that the command was given in.

    Args:
        names: one name, or a list; None for none.

    Raises:
        UserError: a value that is no name, or a module that cannot be imported.

    Example:
        >>> import_own(["json", "xml.dom"])
    """
    found = module_names(names)
    note_directory()
    place = os.environ[PLACE]
    if found and place not in sys.path:
        sys.path.append(place)  # Last: a file of that directory hides no installed module.
    for name in found:
        try:
            import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{name}.".startswith(f"{error.name}."):
                raise UserError(f"it needs {error.name}, which is not installed", key="imports", value=name) from error
            remedy = f"put {name.replace('.', '/')}.py into {place}, or install it"
            raise UserError(f"there is no module {name}", key="imports", value=name, remedy=remedy) from error
        except Exception as error:
            raise UserError(f"importing it raised {type(error).__name__}: {error}", key="imports", value=name) from error


def module_names(names: Any) -> list[str]:
    """Return the names of modules in a value of ``imports``; errors as for :func:`import_own`."""
    listed = [] if names is None else list(names) if isinstance(names, list | tuple) else [names]
    for name in listed:
        if not isinstance(name, str) or not all(part.isidentifier() for part in name.split(".")):
            expected = "the name of a Python module, such as my_blocks, or a list of such names"
            raise UserError(key="imports", value=name, expected=expected)
    return listed
