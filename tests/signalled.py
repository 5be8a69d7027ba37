"""Programs that get a signal while they do something."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

BODIES = {
    "in Python": "    print('ready', flush=True)\n    time.sleep(30)",
    "in Python that drops exceptions": """
    print('ready', flush=True)
    try:
        time.sleep(30)
    except BaseException:
        time.sleep(30)""",
    # As torch waits for other processes: without Python, and without looking at signals.
    "in C": """
    import ctypes
    print('ready', flush=True)
    lock = ctypes.CDLL(None)
    for _ in range(1):
        data = ctypes.create_string_buffer(256)
        lock.pthread_mutex_init(data, None)
        lock.pthread_mutex_lock(data)
        lock.pthread_mutex_lock(data)""",
}
"""What a program does as the signal comes; it says "ready" first."""

FORKS = """
    child = os.fork()
    if not child:
        time.sleep(30)
    time.sleep(0.2)
    os.kill(child, signal.SIGTERM)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGTERM
    time.sleep(1)  # Longer than the grace: the signal of the child is none of this process.
    print('ready', flush=True)
    time.sleep(30)"""
"""Forks a process that SIGTERM ends by default, before the signal comes to the program itself."""


def ended(source: str, folder: Path, signum: int = signal.SIGTERM) -> tuple[int, str]:
    """Run a program that says "ready", send it a signal, and return its exit code and what it wrote to stderr."""
    program = folder / "program.py"
    program.write_text(source)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    child = subprocess.Popen([sys.executable, str(program)], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(0.2)
    child.send_signal(signum)
    _, err = child.communicate(timeout=60)
    return child.returncode, err
