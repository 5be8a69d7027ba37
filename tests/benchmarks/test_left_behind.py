"""A kill of the main process leaves none of those behind that it has started; a part of benchmarks/left_behind.py."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

import left_behind
from left_behind import ENDLESS, KINDS, RAW, Command, arguments_of, await_moment

LIMIT = 120.0
"""Seconds to wait: on a machine that does much else, 10 are few. What is left then never ends."""


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
@pytest.mark.parametrize("early", [None, 0.5], ids=["working", "starting"])
@pytest.mark.parametrize("name", KINDS)
def test_no_process_is_left_behind(name: str, early: float | None, tmp_path: Path) -> None:
    if name == "ray":
        pytest.importorskip("ray")
    kind, folder = KINDS[name], tmp_path / "run"
    command = Command(arguments_of(kind, ENDLESS, folder), tmp_path)
    try:
        assert await_moment(command, kind, folder, early), command.said
        assert command.others()
        before = len(command.said)
        command.kill()
        assert command.left_after(LIMIT)[0] == []
        after = command.said[before:]
        assert not [text for text in RAW if text in after], after
    finally:
        command.end()


def test_what_is_left_is_seen(tmp_path: Path) -> None:
    command = Command(["info"], tmp_path)
    command.main.wait()
    assert command.left_after(0.0)[0] == []
    assert left_behind.results(tmp_path) == {}
