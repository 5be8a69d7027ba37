"""What every test has: one torch thread, a folder of its own to run in, the command line and a file server."""

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from command_line import Zen
    from file_server import FileServer

# The processes of the tests share the cores, and tiny networks are slower on several threads.
os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_configure() -> None:
    """Let absl write to the stderr of the process: what it finds when it is imported, it closes when Hydra sets up logging.

    OpenVINO imports it; within a test that is pytest's own stderr, without which no later test can run.
    """
    with suppress(ImportError):
        import_module("absl.logging").get_absl_handler().python_handler.stream = sys.__stderr__


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes many seconds in front."""
    items.sort(key=lambda item: not any(item.get_closest_marker(name) for name in ("long", "slow")))


def pytest_collection_finish() -> None:
    """Keep the modules and the items of all tests, which stay to the end, out of every pass of the garbage collector."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def outside_the_checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Run in a temporary folder: a command without ``output_dir=`` writes below ``outputs/`` of the folder it is run in."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("outside"))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_lines_about_slow_steps() -> Iterator[None]:
    """Let steps that say how far they are only where they take long say nothing: how long they take here is the machine's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("zen_lightning.system.live_bar._ITEMS_EVERY", float("inf"))
        yield


@pytest.fixture
def zen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> "Zen":
    """Give a function that runs ``zen-lightning`` with arguments, in this process."""
    from command_line import run_in_process

    return partial(run_in_process, patch=monkeypatch, captured=capsys)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator["FileServer"]:
    """Give a server of files; downloads do not pause between two attempts."""
    from file_server import FileServer

    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr("zen_lightning.system.download._PAUSE_SECONDS", 0.0)
    running = FileServer()
    yield running
    running.close()
