"""Lines that appear where a step of an exact search takes long."""

import threading

import pytest

from zen_lightning.search.still_working import StillWorking


@pytest.mark.parametrize(
    ("ends_by_time", "limit"), [(False, "a limit on its minutes would end"), (True, "the limit on its minutes ends")]
)
def test_a_long_step_is_told_of_and_a_short_one_is_not(ends_by_time: bool, limit: str) -> None:
    said: list[str] = []
    told = threading.Event()

    def say(text: str) -> None:
        said.append(text)
        if "still searching" in text:
            told.set()

    with StillWorking(say, first=0.05, ends_by_time=ends_by_time) as working:
        working.step("one")
        assert told.wait(10)
        working.step("two")
    assert said[0] == "one"
    how = f"(Ctrl-C ends it without a result; {limit} it with one)"
    assert said[1] == f"  still searching: 0 s without a new line, 0 s in all {how}"
    assert said.index("two") > 1
    count = len(said)
    assert not working._thread.is_alive()
    assert len(said) == count


def test_it_ends_with_an_error_within() -> None:
    working = StillWorking(lambda text: None, first=1000.0)
    try:
        with working:
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert not working._thread.is_alive()


def test_nothing_is_said_of_quick_steps() -> None:
    said: list[str] = []
    with StillWorking(said.append, first=1000.0) as working:
        working.step("one")
    assert said == ["one"]
