"""Lines that appear where a step of an exact search takes long."""

import threading

from zen_lightning.search.still_working import StillWorking


def test_a_long_step_is_told_of_and_a_short_one_is_not() -> None:
    said: list[str] = []
    told = threading.Event()

    def say(text: str) -> None:
        said.append(text)
        if "still searching" in text:
            told.set()

    with StillWorking(say, first=0.05) as working:
        working.step("one")
        assert told.wait(10)
        working.step("two")
    assert said[0] == "one"
    assert said[1].startswith("  still searching: 0 s without a new line, 0 s in all (Ctrl-C ends it")
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
