"""The first module that the process imports from which jobs are forked: it ends with the process that started it.

That process imports much before it looks whether it is still needed, which takes many seconds on a machine that is busy.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from zen_lightning.system.parent import Parent, end_with, this_process

_STARTER = "ZEN_LIGHTNING_FORK_SERVER_OF"
"""Environment variable with the id of the process that starts a fork server."""


@contextmanager
def ending_with_this() -> Iterator[None]:
    """Have a fork server that is started meanwhile end with this process."""
    parent = this_process()
    if parent.lasts:
        os.environ[_STARTER] = str(parent.pid)
    try:
        yield
    finally:
        os.environ.pop(_STARTER, None)


def _end_with_starter() -> None:
    starter = os.environ.pop(_STARTER, "")
    if starter.isdecimal() and int(starter) != os.getpid():
        end_with(Parent(int(starter), lasts=True))


_end_with_starter()
