"""What threads of Python report of connections to processes that read images."""

import subprocess
import sys

import pytest

_SERVE = """
import socket, sys, time
from multiprocessing.resource_sharer import DupFd, _resource_sharer
from zen_lightning.data.broken_connections import leave_out_broken_connections
{install}
share = DupFd(1)
connection = socket.socket(socket.AF_UNIX)
connection.connect(_resource_sharer._address)
connection.close()  # As the kernel does for a process that is killed.
share.detach() if {whole} else None
time.sleep(0.5)
{end}
"""


def _stderr(install: str, *, whole: bool = False, end: str = "") -> str:
    script = _SERVE.format(install=install, whole=whole, end=end)
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False).stderr


def test_python_reports_a_process_that_is_gone_while_it_fetches() -> None:
    assert "Traceback" in _stderr("")  # Else there would be nothing to leave out.


@pytest.mark.parametrize("times", [1, 2])
def test_a_process_that_is_gone_while_it_fetches_is_not_reported(times: int) -> None:
    assert _stderr("leave_out_broken_connections()\n" * times) == ""


def test_the_thread_goes_on_serving() -> None:
    assert _stderr("leave_out_broken_connections()", whole=True) == ""


def test_the_same_error_of_the_main_thread_is_reported() -> None:
    assert "ConnectionError: of the main thread" in _stderr(
        "leave_out_broken_connections()", end="raise ConnectionError('of the main thread')"
    )


def test_other_errors_of_threads_are_reported() -> None:
    end = "import threading\nthreading.Thread(target=lambda: sys.excepthook(KeyError, KeyError('own'), None)).start()"
    assert "KeyError: 'own'" in _stderr("leave_out_broken_connections()", end=end)
