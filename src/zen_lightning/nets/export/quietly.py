"""Silence around libraries that print what no user asked for."""

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout


@contextmanager
def quietly() -> Iterator[None]:
    """Silence the prints, warnings and logs of the exporters of torch and of quantisation.

    ``logging.warning`` of a library gives the root logger a handler where it has none, which would write to what is silenced
    here for ever: the handlers are put back.
    """
    level, handlers = logging.root.manager.disable, logging.root.handlers[:]
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
        logging.root.handlers[:] = handlers
