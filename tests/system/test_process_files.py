"""What killed commands leave of their processes in the file system."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

_PROCESSES = """
import multiprocessing, time
from zen_lightning.system.tracker import start_tracker

def wait(queue, lock):
    time.sleep(60)

if __name__ == "__main__":
    start_tracker()
    context = multiprocessing.get_context("spawn")
    kept = context.Queue(), context.Lock()
    process = context.Process(target=wait, args=kept, daemon=True)
    process.start()
    multiprocessing.util.get_temp_dir()
    print("started", flush=True)
    time.sleep({seconds})
    {end}
"""


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A folder for temporary files; the path of a socket in it must be short."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield Path(folder)


def _begin(script: Path, temporary: Path, seconds: float, end: str = "") -> "subprocess.Popen[str]":
    script.write_text(_PROCESSES.replace("{seconds}", str(seconds)).replace("{end}", end))
    environment = {**os.environ, "TMPDIR": str(temporary)}
    process = subprocess.Popen(
        [sys.executable, script], env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


def _left(temporary: Path) -> list[str]:
    folders = [path.name for path in temporary.iterdir()]
    assert all(name.startswith("zl-processes-") for name in folders), folders
    parts = [name.removeprefix("zl-processes-") for name in folders]
    return folders + [path.name for part in parts for path in Path("/dev/shm").glob(f"sem.zl-{part}-*")]


@pytest.mark.long
@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="semaphores are elsewhere")
def test_the_next_command_removes_what_a_killed_one_left_and_no_more(tmp_path: Path, temporary: Path) -> None:
    running = _begin(tmp_path / "running.py", temporary, 60)
    (kept,) = temporary.iterdir()
    killed = _begin(tmp_path / "killed.py", temporary, 60)
    os.killpg(killed.pid, signal.SIGKILL)  # Python's process that removes semaphores, too.
    killed.wait()
    assert len(_left(temporary)) > 4, "a folder each, and semaphores"
    for folder in temporary.iterdir():
        os.utime(folder, (time.time() - 3600, time.time() - 3600))
    try:
        ended = _begin(tmp_path / "next.py", temporary, 0)
        assert ended.wait(60) == 0
        left = _left(temporary)
        assert [name for name in left if not name.startswith("sem.")] == [kept.name]
        assert len(left) > 1, "the semaphores of the one that runs"
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    assert _begin(tmp_path / "last.py", temporary, 0).wait(60) == 0
    assert _left(temporary) == []


_MADE_ELSEWHERE = """
import os, socket, time
from pathlib import Path
from zen_lightning.system import process_files

socket.gethostname = lambda: "another-node"
process_files.name_process_files()
(folder,) = Path(os.environ["TMPDIR"]).iterdir()
os.utime(folder, (time.time() - 3600, time.time() - 3600))
os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no such folder elsewhere")
def test_what_another_machine_may_still_use_is_left(tmp_path: Path, temporary: Path) -> None:
    """The folder for temporary files may be on a disk that machines share, and whose locks are of each machine."""
    environment = {**os.environ, "TMPDIR": str(temporary)}
    subprocess.run([sys.executable, "-c", _MADE_ELSEWHERE], env=environment, check=False)
    (folder,) = temporary.iterdir()
    assert _begin(tmp_path / "ends.py", temporary, 0, "process.kill()").wait(60) == 0
    assert list(temporary.iterdir()) == [folder]


def test_a_process_that_ends_at_once_leaves_nothing(tmp_path: Path, temporary: Path) -> None:
    end = "from zen_lightning.system.ending import end_at_once; process.kill(); process.join(); end_at_once(3)"
    assert _begin(tmp_path / "ends.py", temporary, 0, end).wait(60) == 3
    assert _left(temporary) == []


@pytest.mark.skipif(os.name != "posix", reason="semaphores have no names elsewhere")
def test_names_of_semaphores_are_as_short_as_macos_needs_them(tmp_path: Path, temporary: Path) -> None:
    process = _begin(tmp_path / "ends.py", temporary, 0, "process.kill(); print(kept[1]._semlock.name)")
    assert process.stdout is not None
    name = process.stdout.read().strip()
    assert process.wait(60) == 0
    assert name.startswith("/zl-")
    assert len(name) <= 30


_WITHOUT_LOCKS = """
import errno, fcntl, multiprocessing.util

def flock(file, operation):
    raise OSError(errno.ENOLCK, "No locks available")

fcntl.flock = flock
from zen_lightning.system.process_files import name_process_files
name_process_files()
print(multiprocessing.util.get_temp_dir())
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no such folder elsewhere")
def test_a_file_system_without_locks_keeps_nothing(temporary: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(temporary)}
    ended = subprocess.run(
        [sys.executable, "-c", _WITHOUT_LOCKS], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    assert Path(ended.stdout).parent == temporary, "Python makes one of its own"
    assert list(temporary.iterdir()) == []


def test_a_path_that_is_too_long_for_a_socket_is_not_used(tmp_path: Path, temporary: Path) -> None:
    """``AF_UNIX path too long``, Python says otherwise."""
    long = temporary / ("x" * 80)
    long.mkdir()
    end = "from multiprocessing.connection import Listener; Listener(family='AF_UNIX').close(); process.kill()"
    assert _begin(tmp_path / "ends.py", long, 0, end).wait(60) == 0
    assert list(long.iterdir()) == []
