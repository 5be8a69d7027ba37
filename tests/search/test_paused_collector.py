"""The collector rests while a search runs, and does not walk over all that the search has made when it wakes."""

import gc
import subprocess
import sys

import pytest

from zen_lightning.search import paused_collector as paused_collector_room
from zen_lightning.search.paused_collector import paused_collector


def test_it_rests_and_wakes() -> None:
    with paused_collector():
        assert not gc.isenabled()
        with paused_collector():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_was_made_meanwhile_counts_as_old() -> None:
    # In a process of its own: the tests' has frozen what they share.
    program = """if True:
        import gc
        from zen_lightning.search import paused_collector as room
        from zen_lightning.search.paused_collector import paused_collector
        room._LONG = 0
        with paused_collector():
            made = [[number] for number in range(50_000)]
        oldest = {id(one) for one in gc.get_objects(generation=2)}
        print(sum(id(one) in oldest for one in made), gc.get_freeze_count())
    """
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["50000", "0"]


def test_cycles_are_still_collected() -> None:
    class Node:
        alive = 0

        def __init__(self) -> None:
            self.itself = self
            Node.alive += 1

        def __del__(self) -> None:
            Node.alive -= 1

    with paused_collector():
        Node()
    assert Node.alive == 1
    gc.collect()
    assert Node.alive == 0


def test_what_the_caller_froze_stays_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paused_collector_room, "_LONG", 0)
    gc.freeze()
    before = gc.get_freeze_count()
    try:
        with paused_collector():
            pass
        assert gc.get_freeze_count() >= before // 2 > 0
    finally:
        gc.unfreeze()


def test_short_pauses_do_not_count_what_is_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gc, "get_freeze_count", None)  # Counting takes milliseconds, for each step of a search.
    with paused_collector():
        pass
    assert gc.isenabled()
