"""Jobs on a Ray cluster of two nodes on this machine, one of which dies."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sweep_jobs import seeds
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


@pytest.mark.slow
def test_a_node_and_a_process_that_die_lose_nothing(cluster: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    second = cluster.add_node(num_cpus=1, include_dashboard=False, object_store_memory=80 * 2**20)
    told: list[str] = []
    slow = [job._replace(number=2 + job.number) for job in seeds(tmp_path / "slow", 4, 6, task="slow")]
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
    jobs = [*slow, *seeds(tmp_path / "quick", 1, task="deadly_once"), seeds(tmp_path / "more", 1)[0]._replace(number=1)]
    ended = {job.number: how for job, how in RayJobs().run(jobs, told.append)}
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


def test_more_than_any_machine_has_is_refused(cluster: Any, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"launcher.cores=64 launcher.gpus=0: no machine .*; there are 1 CPUs and 0 GPUs"):
        list(RayJobs(cores=64).run(seeds(tmp_path, 2), print))


def test_without_ray_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"launcher=ray needs the package 'ray': pip install 'zen-lightning\[ray\]'"):
        RayJobs()
