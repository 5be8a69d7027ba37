"""A sweep on a Ray cluster of two nodes on this machine, one of which is killed in the middle: all results are there.

python benchmarks/ray_node_killed.py                         about 2 minutes on two cores
python benchmarks/ray_node_killed.py --iterations 5000       a look
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import ROOT, header, row


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--iterations", type=int, default=40_000)
    options = parser.parse_args()
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["PYTHONPATH"] = str(ROOT / "src")
    from ray.cluster_utils import Cluster

    header()
    node = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 80 * 2**20}
    cluster = Cluster(initialize_head=True, head_node_args=node)
    second = cluster.add_node(**node)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "sweep"
        command = [sys.executable, str(ROOT / "run.py"), "-m", "launcher=ray", "search=zen", "budget=params1M,params2M"]
        command += ["seed=1,2,3", "search.finalists=0", f"search.iterations={options.iterations}", f"output_dir={folder}"]
        began = time.perf_counter()
        child = subprocess.Popen(command, env={**os.environ, "RAY_ADDRESS": cluster.address})
        while child.poll() is None and not running_on(folder, second.node_id):
            time.sleep(0.1)
        time.sleep(1)
        killed = running_on(folder, second.node_id)
        cluster.remove_node(second, allow_graceful=False)
        print(f"killed node {second.node_id[:8]}, which ran {', '.join(killed) or 'nothing'}", flush=True)
        code = child.wait()
        seconds = time.perf_counter() - began
        sweep = json.loads((folder / "sweep.json").read_text())
        done = [job for job in sweep["jobs"] if (folder / job["folder"] / "result.json").is_file() and job["state"] == "done"]
    cluster.shutdown()
    row("6 jobs on two nodes, one killed", f"{len(done)} done in {seconds:.0f} s", "6 done", len(done) == 6 and code == 0)
    reported = [notice for notice in sweep["notices"] if f"node {second.node_id[:8]}" in notice]
    row("the kill is reported", "; ".join(reported) or "no", "the node and its jobs are named", bool(killed and reported))


def running_on(folder: Path, node: str) -> list[str]:
    """Return the folders of the jobs that run on a node."""
    records = {path.parent.name: json.loads(path.read_text()) for path in folder.glob("*/job.json")}
    return [name for name, record in records.items() if record["state"] == "running" and record.get("node") == node]


if __name__ == "__main__":
    main()
