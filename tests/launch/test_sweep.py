"""What a sweep tells and keeps, whatever runs its jobs."""

import csv
import errno
import json
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from sweep_jobs import seeds
from zen_lightning.errors import UserError
from zen_lightning.launch.backend import Backend, Source, Tell
from zen_lightning.launch.job import Job
from zen_lightning.launch.job_record import Ended, State, write_ended
from zen_lightning.launch.sweep import run_jobs, show_summary
from zen_lightning.launch.sweep_record import TABLE, SweepRecord
from zen_lightning.runs.sweep_file import SWEEP, read_sweep


class Backwards(Backend):
    """Runs nothing: the last job ends first, job 1 fails; Ctrl-C comes after some."""

    where = "nowhere"
    at_once = None

    def __init__(self, interrupted_after: int | None = None) -> None:
        self.seen: list[int] = []
        self.interrupted_after = interrupted_after
        self.closed = False

    def run(self, source: Source, tell: Tell) -> Generator[tuple[Job, Ended], None, None]:
        try:
            for job in reversed(list(iter(source, None))):
                if len(self.seen) == self.interrupted_after:
                    raise KeyboardInterrupt
                self.seen.append(job.number)
                if job.number == 1:
                    tell("job 1: its process was killed; it is run again")
                    yield job, Ended(State.FAILED, 1.0, error="it is odd")
                else:
                    ended = Ended(State.DONE, 2.0, [0.5, 2000.0] if job.number else 3.25)
                    Path(job.folder).mkdir()
                    write_ended(Path(job.folder), job.number, job.overrides, ended)
                    yield job, ended
        finally:
            self.closed = True

    def _start(self, jobs: Sequence[Job]) -> Sequence[Any]:
        raise NotImplementedError

    _wait = _outcome = _stop = _start  # type: ignore[assignment]


def test_every_job_is_told_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = SweepRecord(tmp_path, ["-m", "seed=5,6,7"])
    ended = run_jobs(seeds(tmp_path, 5, 6, 7), Backwards(), record)
    assert [one.state for one in ended] == [State.DONE, State.FAILED, State.DONE]
    out = capsys.readouterr().out
    for line in (
        "3 jobs, nowhere, in ",
        "[1/3] job 2 done in 2 s (seed=7): 0.500, 2,000\n",
        "job 1: its process was killed; it is run again\n[2/3] job 1 failed (seed=6): it is odd\n",
        "[3/3] job 0 done in 2 s (seed=5): 3.250\n",
    ):
        assert line in out
    assert not show_summary(record)
    out = capsys.readouterr().out
    assert "3 jobs in 0 s: 2 done, 1 failed; see " in out
    assert "  job 1: its process was killed; it is run again\n  job 1 failed (seed=6): it is odd\n    in " in out
    kept = read_sweep(tmp_path)
    assert kept is not None
    assert kept["command"] == ["-m", "seed=5,6,7"]
    assert [(job["folder"], job["state"], job["error"]) for job in kept["jobs"]][1] == ("1", "failed", "it is odd")
    assert kept["notices"] == ["job 1: its process was killed; it is run again"]
    rows = list(csv.DictReader((tmp_path / TABLE).open()))
    assert [(row["overrides"], row["objective"]) for row in rows] == [
        ("seed=5", "3.25"),
        ("seed=6", ""),
        ("seed=7", "[0.5, 2000.0]"),
    ]


def test_the_end_of_a_sweep_ranks_its_jobs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = SweepRecord(tmp_path, ["-m"])
    jobs = seeds(tmp_path, 5, 6, 7)
    record.plan(jobs, {number: Ended(State.DONE, 1.0, value) for number, value in enumerate((70.5, 71.25, None))})
    assert show_summary(record)
    out = capsys.readouterr().out
    assert "highest first:\n  71.250  job 1 (seed=6)\n  70.500  job 0 (seed=5)\na table, averaged over seeds: " in out
    assert "task=aggregate sweep=" in out


def test_scores_by_different_proxies_are_not_ranked_as_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = SweepRecord(tmp_path, ["-m"])
    jobs = seeds(tmp_path, 5, 6, 7)
    for job, proxy in zip(jobs, ("zen", "flops", "zen"), strict=True):
        Path(job.folder).mkdir()
        (Path(job.folder) / "result.json").write_text(json.dumps({"task": "search", "proxy": proxy}))
    record.plan(jobs, {number: Ended(State.DONE, 1.0, value) for number, value in enumerate((44.5, 9.9e6, 45.5))})
    assert show_summary(record)
    out = capsys.readouterr().out
    assert "highest first, by flops:\n  9,900,000  job 1 (seed=6)\nhighest first, by zen:\n  45.500  job 2" in out
    assert out.index("job 2 (seed=7)") < out.index("job 0 (seed=5)")


def test_the_recorded_scales_are_ranked_without_a_result(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = SweepRecord(tmp_path, ["-m"])
    ends = ((44.5, "by zen"), (9.9e6, "by flops"), (45.5, "by zen"))
    record.plan(seeds(tmp_path, 5, 6, 7), {at: Ended(State.DONE, 1.0, value, scale=by) for at, (value, by) in enumerate(ends)})
    assert show_summary(record)
    out = capsys.readouterr().out
    assert "highest first, by flops:\n  9,900,000  job 1 (seed=6)\nhighest first, by zen:\n  45.500  job 2" in out
    kept = read_sweep(tmp_path)
    assert kept is not None
    assert [job["scale"] for job in kept["jobs"]] == ["by zen", "by flops", "by zen"]


def test_jobs_that_print_to_the_terminal_are_named_as_they_begin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backend = Backwards()
    backend.logged = False
    run_jobs(seeds(tmp_path, 5, 7), backend, SweepRecord(tmp_path, []))
    assert "\n\njob 0: seed=5\n\njob 1: seed=7\n" in capsys.readouterr().out


def test_what_is_done_is_not_run_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run_jobs(seeds(tmp_path, 5, 6, 7), Backwards(), SweepRecord(tmp_path, []))
    again = Backwards()
    run_jobs(seeds(tmp_path, 5, 6, 7, 8), again, SweepRecord(tmp_path, []))
    assert again.seen == [3, 1]
    assert "2 of them done before" in capsys.readouterr().out


def test_ctrl_c_closes_what_runs_and_says_how_to_continue(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    backend = Backwards(interrupted_after=1)
    with pytest.raises(KeyboardInterrupt):
        run_jobs(seeds(tmp_path, 5, 6, 7), backend, SweepRecord(tmp_path, []))
    assert backend.closed
    assert f"stopped, 1 of 3 jobs are done: continue with resume={tmp_path}" in capsys.readouterr().err
    kept = json.loads((tmp_path / SWEEP).read_text())
    assert [job["state"] for job in kept["jobs"]] == ["waiting", "waiting", "done"]


def test_ctrl_c_keeps_which_jobs_were_stopped(tmp_path: Path) -> None:
    jobs = seeds(tmp_path, 5, 6, 7, 8)
    for stopped, state in ((jobs[0], State.STOPPED), (jobs[1], State.RUNNING), (jobs[2], State.FAILED)):
        Path(stopped.folder).mkdir()
        write_ended(Path(stopped.folder), stopped.number, stopped.overrides, Ended(state, error="it was stopped"))
    with pytest.raises(KeyboardInterrupt):
        run_jobs(jobs, Backwards(interrupted_after=1), SweepRecord(tmp_path, []))
    kept = json.loads((tmp_path / SWEEP).read_text())
    assert [job["state"] for job in kept["jobs"]] == ["stopped", "stopped", "waiting", "done"]
    assert kept["jobs"][0]["error"] == "it was stopped"


def test_a_full_disk_is_told_with_how_to_continue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("zen_lightning.launch.sweep_record.write_json", full)
    with pytest.raises(UserError, match=r"the disk is full; finished jobs are kept.* continue with resume="):
        run_jobs(seeds(tmp_path, 5), Backwards(), SweepRecord(tmp_path, []))


def test_a_continued_sweep_keeps_its_notices_and_where_it_was_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = str(Path.cwd())
    run_jobs(seeds(tmp_path, 5, 6), Backwards(), SweepRecord(tmp_path, []))
    monkeypatch.chdir(tmp_path)
    record = SweepRecord(tmp_path, [])
    run_jobs(seeds(tmp_path, 5, 6), Backwards(), record)
    assert record.notices == ["job 1: its process was killed; it is run again"] * 2
    kept = read_sweep(tmp_path)
    assert kept is not None
    assert (record.directory, kept["directory"]) == (begun, begun)


def test_another_sweep_in_the_folder_is_refused(tmp_path: Path) -> None:
    run_jobs(seeds(tmp_path, 5, 6), Backwards(), SweepRecord(tmp_path, []))
    backend = Backwards()
    with pytest.raises(
        UserError, match=r"holds another sweep, whose job 1 was seed=6, and not seed=9: choose another output_dir"
    ):
        run_jobs(seeds(tmp_path, 5, 9), backend, SweepRecord(tmp_path, []))
    assert backend.seen == []


def test_batches_make_one_sweep(tmp_path: Path) -> None:
    record = SweepRecord(tmp_path, [])
    jobs = seeds(tmp_path, 2, 3, 4, 5)
    run_jobs(jobs[:2], Backwards(), record)
    run_jobs(jobs[2:], Backwards(), record)
    assert [job.number for job in record.jobs] == [0, 1, 2, 3]
    assert len(record.ended) == 4


@pytest.mark.parametrize("content", ["", "{", "[]", '{"command": 3}'])
def test_a_damaged_record_is_a_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / SWEEP).write_text(content)
    with pytest.raises(UserError, match=r"sweep\.json.*start the sweep again with another output_dir"):
        read_sweep(tmp_path)


def test_jobs_that_could_not_be_read_again_are_refused_before_one_starts(tmp_path: Path) -> None:
    text = "x" * 2**20
    jobs = [Job(number, (f"arch={text}",), (), str(tmp_path / str(number)), str(tmp_path)) for number in range(100)]
    with pytest.raises(UserError, match=r"100 jobs with these overrides need 100 MiB in sweep\.json.*: start several sweeps"):
        SweepRecord(tmp_path, []).plan(jobs, {})
    assert not (tmp_path / SWEEP).exists()


def test_long_records_are_read_again(tmp_path: Path) -> None:
    text = "x" * 2**20
    jobs = [Job(number, (f"arch={text}",), (), str(tmp_path / str(number)), str(tmp_path)) for number in range(40)]
    SweepRecord(tmp_path, []).plan(jobs, {})
    kept = read_sweep(tmp_path)
    assert kept is not None
    assert len(kept["jobs"]) == 40
