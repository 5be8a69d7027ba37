"""A tracker that fails is dropped; the run goes on."""

import errno
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from zen_lightning.tracking import Status, TrackedRun, Tracker, Trackers


class Fake(Tracker):
    """Writes down its calls; fails at one of them."""

    def __init__(self, fails_at: str = "", error: Exception | None = None) -> None:
        self.calls: list[str] = []
        self._fails_at = fails_at
        self._error = error or RuntimeError("no connection.\nmore of it")

    def _call(self, name: str) -> None:
        self.calls.append(name)
        if name == self._fails_at:
            raise self._error

    def begin(self, run: TrackedRun) -> str:
        self._call("begin")
        return "here"

    def metrics(self, values: Mapping[str, float], step: int, axis: str) -> None:
        self._call(f"metrics {step}")

    def summary(self, figures: Mapping[str, float | str | bool]) -> None:
        self._call("summary")

    def table(self, name: str, columns: Sequence[str], rows: Sequence[Sequence[float | str | None]]) -> None:
        self._call("table")

    def files(self, paths: Sequence[Path]) -> None:
        self._call("files")

    def finish(self, status: Status) -> None:
        self._call(f"finish {status}")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _about() -> TrackedRun:
    return TrackedRun(Path(), "search", "", None, {})


@pytest.mark.parametrize("where", ["begin", "metrics 2", "files", "summary", "finish finished"])
def test_a_failure_is_one_sentence_and_the_others_go_on(tmp_path: Path, where: str, capsys: pytest.CaptureFixture[str]) -> None:
    bad, good = Fake(where), Fake()
    trackers = Trackers({"bad": bad, "good": good}, _about)
    for step in (1, 2, 3):
        trackers.metrics({"x": 1.0}, step, "step")
    trackers.results(tmp_path)
    trackers.finish(Status.FINISHED)
    assert good.calls == ["begin", "metrics 1", "metrics 2", "metrics 3", "files", "summary", "finish finished"]
    assert bad.calls[: bad.calls.index(where) + 1] == good.calls[: good.calls.index(where) + 1]
    assert bad.calls[bad.calls.index(where) + 1 :] == ["finish failed"]
    shown = capsys.readouterr()
    assert (shown.out.count("here"), shown.err.count("\n")) == (1 if where == "begin" else 2, 1)
    assert "logger=bad has failed: no connection; the run goes on without it" in shown.err


def test_a_full_disk_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    trackers = Trackers({"bad": Fake("metrics 1", OSError(errno.ENOSPC, "No space left on device"))}, _about)
    trackers.metrics({}, 1, "step")
    assert "logger=bad has failed: the disk is full; the run goes on without it" in capsys.readouterr().err


def test_a_run_that_cannot_be_described_is_not_tracked(capsys: pytest.CaptureFixture[str]) -> None:
    def describe() -> TrackedRun:
        raise ValueError("what a configuration")

    fake = Fake()
    trackers = Trackers({"one": fake}, describe)
    trackers.metrics({}, 1, "step")
    assert (fake.calls, "logger=one has failed: what a configuration" in capsys.readouterr().err) == ([], True)


def test_nothing_begins_before_there_is_something_to_tell() -> None:
    fake = Fake()
    Trackers({"one": fake}, _about).finish(Status.FAILED)
    assert fake.calls == []


def test_steps_that_a_tracker_has_already() -> None:
    fresh, old = Fake(), Fake()
    old.continued = True
    trackers = Trackers({"fresh": fresh, "old": old}, _about)
    for step in (5, 10, 15):
        trackers.metrics({"x": 1.0}, step, "step", seen=10)
    assert fresh.calls == ["begin", "metrics 5", "metrics 10", "metrics 15"]
    assert old.calls == ["begin", "metrics 15"]


def test_a_tracker_is_told_again_what_a_killed_command_told_it() -> None:
    Trackers({"killed": Fake()}, _about).begin()
    after = []
    for _ in range(2):
        fake = Fake()
        fake.continued = True
        trackers = Trackers({"one": fake}, _about)
        trackers.metrics({"x": 1.0}, 10, "step", seen=10)
        trackers.finish(Status.FINISHED)
        after.append(fake.calls)
    assert after == [["begin", "metrics 10", "finish finished"], ["begin", "finish finished"]]


def test_results_that_cannot_be_read_end_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "result.json").write_text("{")
    fake = Fake()
    trackers = Trackers({"one": fake}, _about)
    trackers.results(tmp_path)
    trackers.finish(Status.FINISHED)
    assert fake.calls == ["begin", "files", "finish failed"]
    assert capsys.readouterr().err.startswith(
        f"logger=one has failed: {tmp_path}/result.json is damaged or cut short (line 1: Expecting"
    )
