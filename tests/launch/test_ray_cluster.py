"""Jobs on a Ray cluster of two nodes on this machine, one of which dies."""

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sweep_jobs import seeds, source
from zen_lightning.errors import MissingExtraError, UserError
from zen_lightning.launch.job import LOG
from zen_lightning.launch.job_record import State, read_record
from zen_lightning.launch.ray_cluster import RayJobs


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parents[1]), *(path for path in sys.path if path)]))
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        node = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 80 * 2**20}
        cluster = Cluster(initialize_head=True, head_node_args=node)
        patch.setenv("RAY_ADDRESS", cluster.address)
        yield cluster
        cluster.shutdown()


@pytest.mark.long
def test_a_node_and_a_process_that_die_lose_nothing(cluster: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    second = cluster.add_node(num_cpus=1, include_dashboard=False, object_store_memory=80 * 2**20)
    told: list[str] = []
    slow = [job._replace(number=2 + job.number) for job in seeds(tmp_path / "slow", 4, 6, task="Slow")]
    killed: int | None = None

    def kill() -> None:
        nonlocal killed
        while killed is None:
            records = [read_record(path.parent) for path in tmp_path.glob("*/*/job.json")]
            here = [record["job"] for record in records if (record.get("node"), record["state"]) == (second.node_id, "running")]
            if here and here[0] >= 2:
                cluster.remove_node(second, allow_graceful=False)
                (killed,) = here
            time.sleep(0.05)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    jobs = [*slow, *seeds(tmp_path / "quick", 1, task="DeadlyOnce"), seeds(tmp_path / "more", 1)[0]._replace(number=1)]
    ended = {job.number: how for job, how in RayJobs().run(source(jobs), told.append)}
    killer.join(timeout=10)
    assert killed is not None
    states = [ended[number].state for number in range(4)]
    assert states == [State.DONE, State.FAILED, State.DONE, State.DONE]
    assert "Traceback" in (tmp_path / "more" / "0" / LOG).read_text()
    assert sorted(told) == [
        "job 0: its process was killed (out of memory?); it is run again",
        f"node {second.node_id[:8]} ({second.node_ip_address}) died: job {killed} was run again",
    ]
    assert "raylet" not in capsys.readouterr().out


@pytest.mark.long
def test_more_than_any_machine_has_is_refused(cluster: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"launcher.cores=64 launcher.gpus=0: no machine .*; there are 1 CPUs and 0 GPUs"):
        list(RayJobs(cores=64).run(source(seeds(tmp_path, 2)), print))


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"launcher=ray needs the package 'ray': pip install 'zen-lightning\[ray\]'"):
        RayJobs()


@pytest.mark.parametrize("gpus", [-1, 1.5, float("nan"), True])
def test_gpus_are_whole_or_a_part_of_one(gpus: float) -> None:
    pytest.importorskip("ray")
    with pytest.raises(UserError, match=r"^gpus=.*: expected a whole number, or a part of one GPU, such as 0\.5"):
        RayJobs(gpus=gpus)
    assert [RayJobs(gpus=good).where for good in (0, 0.5, 1, 2.0)] == ["on Ray"] * 4


def test_an_address_that_nobody_answers_at_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("ray")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{unused.getsockname()[1]}"
        monkeypatch.setenv("RAY_ADDRESS", address)
        with pytest.raises(UserError, match=f"RAY_ADDRESS={address} does not answer"):
            list(RayJobs().run(source(seeds(tmp_path, 2)), print))
    assert capsys.readouterr().out == f"connecting to Ray at {address}\n"


@pytest.mark.parametrize("raised", [ConnectionError("no cluster\nmore"), RuntimeError("no cluster"), ValueError("no cluster")])
def test_what_ray_cannot_do_is_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised: Exception) -> None:
    ray = pytest.importorskip("ray")

    def init(**_: object) -> None:
        raise raised

    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    monkeypatch.setattr(ray, "init", init)
    with pytest.raises(UserError, match=r"launcher=ray: Ray cannot be used \(no cluster\)$"):
        list(RayJobs().run(source(seeds(tmp_path, 2)), print))
