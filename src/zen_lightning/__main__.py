"""``python -m zen_lightning`` is the command line; so are ``zen-lightning`` and ``python run.py``."""

import signal
import sys
import traceback
from types import FrameType

from zen_lightning.system.ending import end_at_once
from zen_lightning.system.limits import limit_reached, no_more_threads
from zen_lightning.system.processes import is_main_process, task_code
from zen_lightning.system.requeue import exiting_on_sigterm
from zen_lightning.system.safe_path import leave_directory_out
from zen_lightning.system.streams import ready_streams

_MISTAKE, _INTERRUPTED = 2, 130
"""2 as argparse has it; 128 + SIGINT, as shells have it."""


def program() -> None:
    """Run the command line in a process that ends with it: as it ends, Ctrl-C ends it at once."""
    try:
        try:
            main()
        finally:
            # Pressed again, Ctrl-C would interrupt Python as it ends, which tells so in a traceback. What a script starts in
            # the background ignores it from the beginning, and to the end.
            if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
                signal.signal(signal.SIGINT, _end_at_once)
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)


def main() -> None:
    """Run the command line; SIGTERM ends it with code 75 from the first moment on, until a task says otherwise."""
    ready_streams()
    try:
        _main()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except RuntimeError as error:  # Of the thread that waits for SIGTERM, the first that is started.
        limit = limit_reached(error)
        if limit is None:
            raise
        print(f"error: {limit}", file=sys.stderr)
        sys.exit(_MISTAKE)


def _end_at_once(signum: int, frame: FrameType | None) -> None:
    end_at_once(_INTERRUPTED)


def _main() -> None:
    with exiting_on_sigterm(tells=is_main_process()):
        try:
            leave_directory_out()
            # What is imported here takes a second, and on the file system of a cluster many: Ctrl-C may come meanwhile.
            from zen_lightning.cli.main import main as run

            run()
        except KeyboardInterrupt:
            sys.exit(_INTERRUPTED)
        except SystemExit as stop:
            if no_more_threads(stop) and isinstance(stop.code, int):
                # Without threads, what ends processes and queues would wait for ever.
                end_at_once(task_code(stop.code))
            if isinstance(stop.code, int) and task_code(stop.code) != stop.code:
                sys.exit(task_code(stop.code))
            raise
        except Exception:
            traceback.print_exc()
            sys.exit(task_code(1))


if __name__ == "__main__":
    program()
