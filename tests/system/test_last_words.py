"""SIGTERM ends a process as it would without last words, and they are said."""

import signal
from pathlib import Path

import pytest

from signalled import BODIES, FORKS, ended

_PROGRAM = """
import os, signal, sys, threading, time
from zen_lightning.system import last_words

last_words._watch.grace = 0.5
with last_words.last_words(lambda: "continue with resume=run"):
{body}
print("it went on")
"""


@pytest.mark.parametrize("where", list(BODIES))
def test_it_ends_with_its_words(where: str, tmp_path: Path) -> None:
    code, err = ended(_PROGRAM.format(body=BODIES[where]), tmp_path)
    assert code == (143 if where == "in C" else -signal.SIGTERM)
    assert err.strip() == "continue with resume=run"


def test_afterwards_nothing_is_said(tmp_path: Path) -> None:
    body = "    pass\nprint('ready', flush=True)\ntime.sleep(30)"
    assert ended(_PROGRAM.format(body=body), tmp_path) == (-signal.SIGTERM, "")


def test_another_handler_is_left_alone(tmp_path: Path) -> None:
    body = """
    def mine(signum, frame):
        sys.exit(7)
    before = signal.signal(signal.SIGTERM, mine)
    assert before is last_words._end
    print('ready', flush=True)
    time.sleep(30)"""
    assert ended(_PROGRAM.format(body=body), tmp_path) == (7, "")


def test_forked_processes_say_nothing(tmp_path: Path) -> None:
    assert ended(_PROGRAM.format(body=FORKS), tmp_path) == (-signal.SIGTERM, "\ncontinue with resume=run\n")
