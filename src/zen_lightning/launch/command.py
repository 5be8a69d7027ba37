"""Commands that a task starts: each a process of its own, which goes on where it was stopped."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from hydra.core.hydra_config import HydraConfig

from zen_lightning.runs.command_line import override_path

_COMMAND_LINE = "command-line"
"""What Hydra names the source of configuration that ``--config-dir`` is."""


def config_folders() -> list[str]:
    """Return the options by which a command gets the folders of configuration that this one was given (``--config-dir``)."""
    if not HydraConfig.initialized():
        return []
    return folder_options(HydraConfig.get().runtime.config_sources)


def folder_options(sources: Iterable[Any]) -> list[str]:
    """Return an option ``--config-dir`` for each of Hydra's sources of configuration that was named by one."""
    return [f"--config-dir={source.path}" for source in sources if source.provider == _COMMAND_LINE]


def run_command(
    overrides: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None, inherited: Sequence[int] = ()
) -> int:
    """Run a command in ``folder``, or go on with the one that was stopped there, and wait for its end.

    It has the same folders of configuration as this one.
    SIGTERM is handed on to it. Ctrl-C reaches it by itself; this process waits until it has saved and ended.

    Args:
        overrides: of the command, without the folder.
        folder: of its run.
        environment: variables beside those of this process.
        inherited: open files that it shares with this process.

    Returns:
        the code it exited with; of one that a signal ended, 128 and the number of the signal.
    """
    words = [*config_folders(), *overrides, f"output_dir={override_path(folder)}", "resume=auto"]
    command = [sys.executable, "-m", "zen_lightning", *words]
    child = subprocess.Popen(command, env={**os.environ, **(environment or {})}, pass_fds=tuple(inherited))

    def hand_on(signum: int, frame: FrameType | None) -> None:
        child.send_signal(signum)

    before = {signal.SIGTERM: signal.signal(signal.SIGTERM, hand_on), signal.SIGINT: signal.signal(signal.SIGINT, _wait)}
    try:
        code = child.wait()
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
    return code if code >= 0 else 128 - code


def _wait(signum: int, frame: FrameType | None) -> None:
    """Let the command end, and then this."""
