"""Where the processes that a command starts look for modules: not in the working directory, which may be anybody's folder."""

import os
import sys
from pathlib import Path

_SAFE = "PYTHONSAFEPATH"
_OURS = "ZEN_LIGHTNING_SAFE_PATH"
"""Environment variable: that :data:`_SAFE` is set by this module, and not by the user."""


def leave_directory_out() -> None:
    """Have processes started from now on import nothing from the working directory, unless this process itself would.

    Python looks there first for every module in a process that is started by ``-c`` or ``-m``, as workers, job servers and
    their helpers are (https://docs.python.org/3/using/cmdline.html#envvar-PYTHONSAFEPATH): a ``socket.py`` in the folder of
    somebody else that a command is given in would run. Modules of one's own are found by ``imports=``.
    """
    if os.environ.get(_OURS) and sys.flags.safe_path and _is_script():
        # Started as a script again, a rank of a training: it finds what lies beside the script, as the first process does.
        script = str(Path(sys.argv[0]).resolve().parent)
        if script not in sys.path:
            sys.path.insert(0, script)
    try:
        here = Path.cwd()
    except FileNotFoundError:  # It was deleted: nothing can be imported from it.
        return
    if _SAFE not in os.environ and all(Path(place or ".").resolve() != here for place in sys.path):
        os.environ[_SAFE] = os.environ[_OURS] = "1"


def _is_script() -> bool:
    """Whether this process runs a file; with ``-m`` that is a module, beside which Python does not look for others."""
    return getattr(sys.modules["__main__"], "__spec__", None) is None and Path(sys.argv[0]).is_file()
