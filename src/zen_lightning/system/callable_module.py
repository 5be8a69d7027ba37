"""Rooms that are called like a verb: ``zl.search(...)`` beside ``zen_lightning.search.run``."""

import inspect
import sys
from importlib import import_module
from types import ModuleType
from typing import Any


class CallableModule(ModuleType):
    """A module that can be called: it hands the call on to a function, imported then."""

    _verb: str

    def __call__(self, *arguments: Any, **more: Any) -> Any:
        """Call the function."""
        return self._function()(*arguments, **more)

    @property
    def __signature__(self) -> inspect.Signature:
        return inspect.signature(self._function())

    def _function(self) -> Any:
        module, _, name = self._verb.partition(":")
        return getattr(import_module(module), name)


def make_callable(module: str, verb: str) -> None:
    """Let a module be called.

    Args:
        module: its ``__name__``.
        verb: the function that is called, as ``package.module:function``.
    """
    room = sys.modules[module]
    room.__class__ = CallableModule
    room._verb = verb  # type: ignore[attr-defined]
