"""What threads of Python report of connections to processes that read images."""

import sys
import threading
from types import TracebackType


def leave_out_broken_connections() -> None:
    """Keep the traceback of a broken connection from the terminal, where a thread that serves this process's memory reports it.

    A worker that is killed while it fetches memory from this process breaks the connection. The thread of ``multiprocessing``
    that serves it reports that, and goes on; what became of the worker is said by :func:`~.worker.naming_dead_workers`. Errors
    of the main thread are reported as before. A second call changes nothing.
    """
    before = sys.excepthook
    if getattr(before, "leaves_out_broken_connections", False):
        return

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        is_main = threading.current_thread() is threading.main_thread()
        if is_main or not isinstance(error, (EOFError, ConnectionError)):
            before(kind, error, trace)

    hook.leaves_out_broken_connections = True  # type: ignore[attr-defined]
    sys.excepthook = hook
