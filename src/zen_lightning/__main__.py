"""``python -m zen_lightning`` is the command line; so are ``zen-lightning`` and ``python run.py``."""

import sys
import traceback

from zen_lightning.system.processes import is_main_process, task_code
from zen_lightning.system.requeue import exiting_on_sigterm
from zen_lightning.system.safe_path import leave_directory_out
from zen_lightning.system.streams import open_closed_streams

_INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""


def main() -> None:
    """Run the command line; SIGTERM ends it with code 75 from the first moment on, until a task says otherwise."""
    open_closed_streams()
    with exiting_on_sigterm(tells=is_main_process()):
        try:
            leave_directory_out()
            # What is imported here takes a second, and on the file system of a cluster many: Ctrl-C may come meanwhile.
            from zen_lightning.cli.main import main as run

            run()
        except KeyboardInterrupt:
            sys.exit(_INTERRUPTED)
        except SystemExit as stop:
            if isinstance(stop.code, int) and task_code(stop.code) != stop.code:
                sys.exit(task_code(stop.code))
            raise
        except Exception:
            traceback.print_exc()
            sys.exit(task_code(1))


if __name__ == "__main__":
    main()
