"""Jobs by submitit, in its local mode: processes on this machine, started and stopped as on a cluster."""

import os
import signal
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from sweep_jobs import seeds, source
from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.launch.job import LOG
from zen_lightning.launch.job_record import State, read_record
from zen_lightning.launch.slurm import SlurmJobs


@pytest.fixture(autouse=True)
def tests_are_importable(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("submitit")
    monkeypatch.setenv("PYTHONPATH", ":".join([str(Path(__file__).parents[1]), *(path for path in sys.path if path)]))


@pytest.mark.long
def test_jobs_that_fail_or_are_killed_stop_no_other(tmp_path: Path) -> None:
    told: list[str] = []
    backend = SlurmJobs("local", at_once=2)
    jobs = [*seeds(tmp_path / "a", 2, 3), seeds(tmp_path / "b", 1, task="DeadlyOnce")[0]._replace(number=2)]
    ended = {job.number: ended for job, ended in backend.run(source(jobs), told.append)}
    assert [(ended[n].state, ended[n].objective) for n in range(3)] == [
        (State.DONE, 2.0),
        (State.FAILED, None),
        (State.DONE, 1.0),
    ]
    assert (tmp_path / "a" / "0" / LOG).read_text().startswith("the seed is 2\n")
    assert len(told) == 1
    assert told[0].startswith("job 2: its process was killed (")
    assert told[0].endswith("; it is run again")


@pytest.mark.long
def test_closing_cancels_the_jobs(tmp_path: Path) -> None:
    jobs = [seeds(tmp_path / "a", 2)[0], *seeds(tmp_path / "b", 2, 4, task="Endless")]
    began = time.monotonic()
    with closing(SlurmJobs("local", at_once=3).run(source(jobs), print)) as running:
        next(running)
    assert time.monotonic() - began < 60


@pytest.mark.long
def test_a_job_whose_time_is_up_goes_on_in_the_queue(tmp_path: Path) -> None:
    (job,) = seeds(tmp_path, 2, task="Poked")
    begun = Path(job.folder) / "begun.txt"

    def time_is_up() -> None:
        while not begun.exists():
            time.sleep(0.05)
        os.kill(read_record(Path(job.folder))["process"], signal.SIGUSR2)

    threading.Thread(target=time_is_up, daemon=True).start()
    told: list[str] = []
    ((_, ended),) = SlurmJobs("local").run(source([job]), told.append)
    assert (ended.state, ended.objective, told) == (State.DONE, 2.0, [])
    assert begun.read_text() == "begun\nbegun\n"


def test_bad_settings_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"^cluster=slrm: did you mean 'slurm'\? Choose from: slurm, local"):
        SlurmJobs("slrm")
    with pytest.raises(UserError, match=r"^cores=0"):
        SlurmJobs("local", cores=0)
    with pytest.raises(UserError, match=r"launcher.*acount"):
        list(SlurmJobs("local", parameters={"slurm_acount": "x"}).run(source(seeds(tmp_path, 2)), print))


def test_without_slurm_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UserError, match=r"launcher.cluster=slurm: .*slurm"):
        list(SlurmJobs().run(source(seeds(tmp_path, 2)), print))


def test_without_submitit_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "submitit", None)
    with pytest.raises(
        MissingExtraError, match=r"launcher=slurm needs the package 'submitit': pip install 'zen-lightning\[sweeps\]'"
    ):
        SlurmJobs()


@pytest.mark.parametrize("partition", ["gpu\ntouch PWNED #", "a b", "$(touch x)", "a;b", ""])
def test_a_partition_is_a_name_and_no_command(partition: str) -> None:
    with pytest.raises(UserError, match="expected the name of a partition") as refused:
        SlurmJobs("local", partition=partition)
    assert refused.value.key == "partition"
    assert SlurmJobs("local", partition="gpu-a100,cpu_long").retries == 1


def test_a_folder_with_a_line_break_is_refused(tmp_path: Path) -> None:
    (job,) = seeds(tmp_path / "a\ntouch PWNED #", 1)
    with pytest.raises(UserError, match="has a line break"):
        SlurmJobs("local")._start([job])
