"""Standard streams as whoever starts a command leaves them."""

import os
import shlex
import subprocess
import sys
import threading
from pathlib import Path

import pytest

_PRINT = "from zen_lightning.system.streams import ready_streams; ready_streams(); print('x' * 300_000, flush=True)"


@pytest.mark.skipif(os.name != "posix", reason="pipes of other systems block")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_all_is_printed_into_a_full_pipe_that_does_not_block(unbuffered: str) -> None:
    """Python raises an error, or loses it silently without buffers of its own."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    process = subprocess.Popen([sys.executable, "-c", _PRINT], stdout=writer, env=environment)
    stop = threading.Timer(60, process.kill)
    stop.start()
    with os.fdopen(reader, "rb") as printed:
        assert printed.read(300_001) == b"x" * 300_000 + b"\n"
        assert not os.get_blocking(writer), "it is that of this process, too"
        os.close(writer)
        assert printed.read() == b""
    stop.cancel()
    assert process.wait() == 0


_LATER = """
import signal, sys
signal.signal(signal.SIGHUP, signal.SIG_IGN)
from zen_lightning.system.streams import ready_streams
ready_streams()
print("begun", flush=True)
sys.stdin.read()
print("later", flush=True)
print("errors", file=sys.stderr)
sys.exit(7)
"""


@pytest.mark.skipif(os.name != "posix", reason="terminals of other systems are others")
def test_a_command_that_was_left_running_goes_on_without_its_terminal() -> None:
    controlling, terminal = os.openpty()
    process = subprocess.Popen([sys.executable, "-c", _LATER], stdin=subprocess.PIPE, stdout=terminal, stderr=terminal)
    os.close(terminal)
    assert b"begun" in os.read(controlling, 1000)
    os.close(controlling)
    process.communicate(timeout=60)
    assert process.returncode == 7


_STARTS = """
import os, subprocess, sys
from zen_lightning.system.streams import ready_streams
ready_streams()
started = "import sys; print(*(one is not None for one in (sys.stdin, sys.stdout, sys.stderr)), file=open(sys.argv[1], 'w'))"
sys.exit(subprocess.run([sys.executable, "-c", started, sys.argv[1]]).returncode)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs a shell that closes streams")
def test_processes_that_are_started_have_the_streams_that_were_closed(tmp_path: Path) -> None:
    """Jobs of a sweep and stages of a pipeline print, too."""
    command = shlex.join([sys.executable, "-c", _STARTS, str(tmp_path / "has.txt")])
    assert subprocess.run(["sh", "-c", f"{command} <&- >&- 2>&-"]).returncode == 0
    assert (tmp_path / "has.txt").read_text() == "True True True\n"
