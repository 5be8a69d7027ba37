"""Standard streams as whoever starts a command leaves them."""

import os
import subprocess
import sys
import threading

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
    os.close(writer)
    stop = threading.Timer(60, process.kill)
    stop.start()
    with os.fdopen(reader, "rb") as printed:
        assert printed.read() == b"x" * 300_000 + b"\n"
    stop.cancel()
    assert process.wait() == 0
