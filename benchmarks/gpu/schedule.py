"""Runs stages in processes, beside each other or alone, each within its time."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processes import end_all, start
from stage import QUICK_SECONDS, Stage

from report import read_json

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

_LOOK_EVERY = 0.05
_LOG_TAIL = 1500


@dataclass
class _Running:
    stage: Stage
    process: subprocess.Popen[bytes]
    began: float
    budget: float


class Schedule:
    """Runs stages; what each left is in ``results`` as soon as it has ended.

    Args:
        stages: in order.
        device: ``cuda`` or ``cpu``.
        quick: whether each does the least.
        folder: for the files of all stages.
        cores: that stages beside each other share.
        seconds: for all of them; what has not begun by then is left out, and what runs is killed.
        changed: called after every stage.
    """

    def __init__(
        self,
        stages: list[Stage],
        device: str,
        quick: bool,
        folder: Path,
        cores: int,
        seconds: float,
        changed: Callable[[], None],
    ) -> None:
        self.results: dict[str, dict[str, Any]] = {}
        self._waiting = list(stages)
        self._running: list[_Running] = []
        self._device = device
        self._quick = quick
        self._folder = folder
        self._cores = cores
        self._end = time.monotonic() + seconds
        self._changed = changed

    def run(self) -> None:
        """Run all stages, and return when the last has ended."""
        try:
            while self._waiting or self._running:
                for one in list(self._running):
                    self._look_at(one)
                self._begin_what_fits()
                time.sleep(_LOOK_EVERY)
        finally:
            for one in self._running:
                end_all(one.process.pid)

    def _begin_what_fits(self) -> None:
        for stage in list(self._waiting):
            if stage.needs_gpu and self._device == "cpu":
                self._leave_out(stage, "left out", "needs a GPU")
            elif time.monotonic() >= self._end:
                self._leave_out(stage, "no time", "the time for all stages was over")
            elif self._may_begin(stage):
                self._begin(stage)
            elif stage.alone:
                return  # Nothing overtakes what wants the machine for itself.

    def _may_begin(self, stage: Stage) -> bool:
        names = {one.stage.name for one in self._running} | {one.name for one in self._waiting}
        if any(name in names for name in stage.after if name != stage.name):
            return False
        if stage.alone or any(one.stage.alone for one in self._running):
            return not self._running
        used = sum(self._cores_of(one.stage) for one in self._running)
        return not self._running or used + self._cores_of(stage) <= self._cores

    def _cores_of(self, stage: Stage) -> int:
        """Return how many cores a stage takes; with ``quick`` one, as most do one thing at a time there."""
        if stage.alone:
            return self._cores
        return 1 if self._quick else min(stage.cores, self._cores)

    def _begin(self, stage: Stage) -> None:
        folder = self._folder / stage.name
        folder.mkdir(parents=True)
        shared = self._folder / "shared"
        shared.mkdir(exist_ok=True)
        cores = self._cores_of(stage)
        command = [
            *(sys.executable, "-u", str(HERE / "run_stage.py"), stage.function, "--device", self._device),
            *("--folder", str(folder), "--shared", str(shared), "--cores", str(cores)),
            *(["--quick"] if self._quick else []),
        ]
        now = time.monotonic()
        budget = min(QUICK_SECONDS if self._quick else stage.seconds, self._end - now)
        environment = environment_of(self._folder, cores)
        self._running.append(_Running(stage, start(command, folder / "log.txt", environment), now, budget))
        self._waiting.remove(stage)

    def _look_at(self, one: _Running) -> None:
        seconds = time.monotonic() - one.began
        code = one.process.poll()
        if code is None and seconds < one.budget:
            return
        end_all(one.process.pid)  # Also what a stage that ended well has left running.
        one.process.wait()
        self._running.remove(one)
        folder = self._folder / one.stage.name
        found = read_json(folder / "report.json") or {"figures": {}, "checks": []}
        failed = [check for check in found["checks"] if not check["ok"]]
        if code is None:
            status = "killed"
            found["error"] = f"took longer than its {one.budget:.0f} s"
        elif "left_out" in found["figures"]:
            status = "left out"
        else:
            status = "ok" if code == 0 and not failed and found.get("done") else "failed"
        result = {"status": status, **found, "seconds": round(seconds, 1), "budget": round(one.budget, 1)}
        if status not in ("ok", "left out"):
            log = folder / "log.txt"
            result["log_tail"] = log.read_text(errors="replace")[-_LOG_TAIL:] if log.exists() else ""
        self._keep(one.stage, result)

    def _leave_out(self, stage: Stage, status: str, why: str) -> None:
        self._waiting.remove(stage)
        self._keep(stage, {"status": status, "figures": {"left_out": why}, "checks": [], "seconds": 0.0})

    def _keep(self, stage: Stage, result: dict[str, Any]) -> None:
        self.results[stage.name] = result
        print(f"{stage.name}: {result['status']} in {result['seconds']:.0f} s", flush=True)
        self._changed()


def environment_of(folder: Path, cores: int) -> dict[str, str]:
    """Return the environment of a stage: where modules are, how many cores it has, and caches that stages share."""
    paths = [str(HERE), str(ROOT / "benchmarks"), str(ROOT / "src"), str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]
    # Dozens of processes import torch here: without compiled modules on the disk each would compile thousands.
    inherited = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return inherited | {
        "PYTHONPATH": os.pathsep.join(path for path in paths if path),
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": "1",  # The networks are small, and many processes share the cores.
        "ZEN_LIGHTNING_CORES": str(cores),
        "TORCHINDUCTOR_CACHE_DIR": str(folder / "inductor"),
        "TORCHINDUCTOR_COMPILE_THREADS": str(cores),
    }
