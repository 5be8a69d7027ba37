"""One job: what becomes of it, where what it prints goes, and that it is not run twice."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hydra.core.global_hydra import GlobalHydra

from sweep_jobs import job
from zen_lightning.cli.main import PipeClosed
from zen_lightning.launch.job import LOG, run_job
from zen_lightning.launch.job_record import RECORD, Ended, State, read_done, read_record


@pytest.fixture(autouse=True)
def unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(os.getcwd())
    monkeypatch.setattr("sys.argv", ["run.py"])
    monkeypatch.setenv("HYDRA_FULL_ERROR", "0")
    GlobalHydra.instance().clear()


def test_a_job_leaves_its_objective_and_what_it_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    ended = run_job(job(tmp_path, 4, "seed=2"), node="a")
    assert (ended.state, ended.objective, ended.error) == (State.DONE, 2.0, "")
    found = json.loads((tmp_path / "4" / RECORD).read_text())
    assert (found["job"], found["overrides"], found["state"], found["objective"]) == (4, ["seed=2"], "done", 2.0)
    assert (tmp_path / "4" / LOG).read_text() == "the seed is 2\n"
    assert capfd.readouterr().out == ""
    assert not (tmp_path / "4" / ".job.lock").exists()


def test_a_job_records_by_what_its_objective_was_measured(tmp_path: Path) -> None:
    one = job(tmp_path, 0, "seed=2")
    Path(one.folder).mkdir()
    (Path(one.folder) / "result.json").write_text('{"task": "search", "proxy": "zen"}')
    assert run_job(one).scale == "by zen"
    found = read_done(Path(one.folder), one.overrides)
    assert found is not None
    assert (found.objective, found.scale) == (2.0, "by zen")


def test_a_record_of_an_older_version_has_no_scale(tmp_path: Path) -> None:
    record = {"job": 0, "overrides": ["seed=2"], "state": "done", "seconds": 1.0, "objective": 2.0, "error": "", "code": 0}
    (tmp_path / RECORD).write_text(json.dumps(record))
    assert read_done(tmp_path, ["seed=2"]) == Ended(State.DONE, 1.0, 2.0)


def test_what_is_done_is_not_run_again_unless_it_was_another(tmp_path: Path) -> None:
    first = job(tmp_path, 0, "seed=2")
    run_job(first)
    GlobalHydra.instance().clear()
    assert run_job(first) == read_done(Path(first.folder), first.overrides)
    assert (tmp_path / "0" / LOG).read_text() == "the seed is 2\n"
    assert read_done(Path(first.folder), ("seed=4",)) is None


def test_a_fault_is_a_sentence_and_a_traceback_in_the_log(tmp_path: Path) -> None:
    ended = run_job(job(tmp_path, 0, "seed=3"))
    assert (ended.state, ended.error, ended.code) == (State.FAILED, "ZeroDivisionError: seed 3 is odd", 1)
    assert "Traceback" in (tmp_path / "0" / LOG).read_text()
    GlobalHydra.instance().clear()
    run_job(job(tmp_path, 0, "seed=3"))
    assert (tmp_path / "0" / LOG).read_text().count("the seed is 3") == 2


def test_a_mistake_is_its_sentence_alone(tmp_path: Path) -> None:
    ended = run_job(job(tmp_path, 0, "budget.flps=3"))
    assert (ended.state, ended.code) == (State.FAILED, 2)
    assert ended.error.startswith("unknown key budget.flps; did you mean 'flops'?")
    assert (tmp_path / "0" / LOG).read_text() == f"error: {ended.error}\n"


@pytest.mark.parametrize(
    ("raised", "ended"),
    [
        *(
            (SystemExit(code), Ended(State.STOPPED, error="it was stopped, and has saved", code=code))
            for code in (75, 130, 143)
        ),
        (SystemExit(3), Ended(State.FAILED, error="it ended with code 3", code=3)),
        (SystemExit("it is over"), Ended(State.FAILED, error="it ended with code 1", code=1)),
        (KeyboardInterrupt(), Ended(State.STOPPED, error="it was stopped", code=130)),
        (PipeClosed(), Ended(State.STOPPED, error="the reader of its output has gone", code=141)),
        (OSError(errno.ENOSPC, "it is full"), Ended(State.STOPPED, error="the disk is full: make room", code=2)),
        (BrokenPipeError(), Ended(State.STOPPED, error="the reader of its output has gone", code=141)),
    ],
)
def test_other_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: BaseException, ended: Ended) -> None:
    def execute(arguments: list[str], contained: bool) -> Any:
        raise raised

    monkeypatch.setattr("zen_lightning.cli.main.execute", execute)
    assert run_job(job(tmp_path, 0))._replace(seconds=0.0) == ended
    assert read_done(tmp_path / "0", ()) is None


def test_an_exit_without_a_code_is_no_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def execute(arguments: list[str], contained: bool) -> Any:
        raise SystemExit(0)

    monkeypatch.setattr("zen_lightning.cli.main.execute", execute)
    ended = run_job(job(tmp_path, 0))
    assert (ended.state, read_done(tmp_path / "0", ())) == (State.DONE, ended)


@pytest.mark.parametrize(
    ("returned", "objective"), [(3, 3.0), ([1, 2.5], [1.0, 2.5]), (float("nan"), None), (None, None), ([1.0, None], None)]
)
def test_objectives_are_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, returned: object, objective: object) -> None:
    monkeypatch.setattr("zen_lightning.cli.main.execute", lambda arguments, contained: returned)
    assert run_job(job(tmp_path, 0)).objective == objective
    assert read_record(tmp_path / "0")["objective"] == objective


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_a_record_that_was_cut_short_is_none(tmp_path: Path, content: str) -> None:
    (tmp_path / RECORD).write_text(content)
    assert read_record(tmp_path) == {}
    assert read_done(tmp_path, ()) is None


def test_a_full_disk_at_the_end_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("zen_lightning.launch.job.write_ended", full)
    assert run_job(job(tmp_path, 0, "seed=2")).state == State.DONE
    assert read_record(tmp_path / "0")["state"] == "running"


@pytest.mark.parametrize("where", ["write_begun", "_output_to"])
def test_a_full_disk_at_the_beginning_stops_the_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(f"zen_lightning.launch.job.{where}", full)
    assert run_job(job(tmp_path, 0, "seed=2")) == Ended(State.STOPPED, error="the disk is full", code=1)


def test_a_full_disk_that_a_sentence_tells_of_stops_the_job(tmp_path: Path) -> None:
    """A checkpoint that cannot be saved, say: the sentence passes Hydra, and what it was raised from with it."""
    GlobalHydra.instance().clear()
    ended = run_job(job(tmp_path, 0, task="Full"))
    assert (ended.state, ended.error, ended.code) == (State.STOPPED, "cannot save a file (the disk is full): make room", 2)
