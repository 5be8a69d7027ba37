"""Kills the main process of commands that start others: is any process left, and does ``resume=`` end with the same?

    python benchmarks/left_behind.py [--each 5] [--seed 0] [--kinds pipeline joblib tune ddp loaders workers restarts ray]

Half of the kills come while processes start (0 to 3 seconds after the first is there), half while all of them work. Looked at:
that no process which the command started is left 10 seconds later, and how long the last of them lasted; what they write after
the kill, which may hold no traceback; and the results of the run that ``resume=`` ends, compared with those of a run that
nobody disturbed.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from common import ROOT, header, row

STRUCTURE = "SuperConvK3BNRELU(3,8,1,1)SuperResK3K3(8,16,2,16,1)SuperConvK1BNRELU(16,32,1,1)"
_TRAIN = [f"arch='{STRUCTURE}'", "dataset=digits", "trainer.deterministic=true", "trainer.checkpoint_steps=5"]
_JOURNAL, _CHECKPOINT = "**/journal/*.jsonl", "**/last.ckpt"


class Kind(NamedTuple):
    """A command that starts processes.

    Attributes:
        arguments: the arguments; ``{size}`` is how much there is to do.
        size: as much as lasts some seconds, for runs that are to end.
        working: a pattern of a file that is there when all of its processes work.
    """

    arguments: list[str]
    size: int
    working: str


_SEARCH = ["search=zen", "search.iterations=500", "search.finalists=0", "budget.params=100k"]
_AFTER = ["task=train", "arch=@search", *_TRAIN[1:], "trainer=cpu", "trainer.loader_workers=2", "recipe.epochs={size}"]


def _stage(name: str, overrides: list[str]) -> str:
    """Return a stage of a pipeline as the command line has it."""
    quoted = ",".join(f"'{one}'" for one in overrides)
    return f"{{name:{name},overrides:[{quoted}]}}"


KINDS = {
    "pipeline": Kind(["task=pipeline", f"stages=[{_stage('search', _SEARCH)},{_stage('train', _AFTER)}]"], 8, _CHECKPOINT),
    "joblib": Kind(
        ["-m", "launcher=joblib", "launcher.jobs=2", "search.iterations={size}", "search.finalists=0", "seed=1,2"],
        15000,
        _JOURNAL,
    ),
    "tune": Kind(
        [
            *("task=tune", "tune.task=train", "tune.trials=2", "tune.pruner=none", "tune.space={recipe.lr:[0.01,0.1]}"),
            *(*_TRAIN, "trainer=cpu", "trainer.loader_workers=1", "recipe.epochs={size}"),
        ],
        5,
        _CHECKPOINT,
    ),
    "ddp": Kind(["task=train", *_TRAIN, "trainer=ddp_cpu", "trainer.loader_workers=1", "recipe.epochs={size}"], 8, _CHECKPOINT),
    "loaders": Kind(["task=train", *_TRAIN, "trainer=cpu", "trainer.loader_workers=2", "recipe.epochs={size}"], 8, _CHECKPOINT),
    "workers": Kind(
        ["search=zen_monte_carlo", "budget=params1M", "workers=2", "search.iterations={size}", "search.finalists=0"],
        80,
        _JOURNAL,
    ),
    "restarts": Kind(
        ["search.restarts=2", "search.iterations={size}", "search.finalists=0", "search.processes=2"], 15000, _JOURNAL
    ),
    "ray": Kind(["-m", "launcher=ray", "search.iterations={size}", "search.finalists=0", "seed=1,2"], 15000, _JOURNAL),
}
ENDLESS = 10**7
"""A size that no run ends."""

RAW = ("Traceback", "Warning", "Exception ignored")
"""What nobody is to read after a kill."""

_MARK = "LEFT_BEHIND"
_LIMIT = 10.0
"""Seconds after which no process may be left."""

_WAIT = 300.0
"""Seconds after which a command that was to begin, or to end, is taken to hang."""


class Command:
    """A command that runs, and all that it has started: a variable of the environment tells them from others.

    Args:
        arguments: the arguments of the command line.
        place: a folder for what it prints.
    """

    def __init__(self, arguments: list[str], place: Path) -> None:
        place.mkdir(parents=True, exist_ok=True)
        self._mark = f"{_MARK}={os.getpid()}-{time.monotonic_ns()}"
        self._log = place / f"{time.monotonic_ns()}.log"
        name, _, value = self._mark.partition("=")
        path = os.pathsep.join([str(ROOT / "src"), *filter(None, [os.environ.get("PYTHONPATH")])])
        variables = {**os.environ, name: value, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "RAY_USAGE_STATS_ENABLED": "0"}
        with self._log.open("w") as log:
            self.main = subprocess.Popen(
                [sys.executable, "-m", "zen_lightning", *arguments],
                env=variables,
                cwd=place,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        """What it has printed, and what it has started."""
        return self._log.read_text(errors="replace")

    def others(self) -> list[int]:
        """Return the ids of the processes that it has started and that still run."""
        found = []
        for place in Path("/proc").glob("[0-9]*"):
            try:
                dead = (place / "stat").read_text().rpartition(")")[2].split()[0] in "ZX"
                if not dead and self._mark.encode() in (place / "environ").read_bytes().split(b"\0"):
                    found.append(int(place.name))
            except OSError:  # It has ended meanwhile.
                continue
        return sorted(set(found) - {self.main.pid})

    def kill(self) -> str:
        """Kill the main process, and return what the others say after it is gone so far."""
        before = len(self.said)
        self.main.kill()
        self.main.wait()
        return self.said[before:]

    def left_after(self, limit: float) -> tuple[list[int], float]:
        """Return which of the others are left after so many seconds, and the seconds until the last had ended."""
        began = time.monotonic()
        while (left := self.others()) and time.monotonic() - began < limit:
            time.sleep(0.02)
        return left, time.monotonic() - began

    def end(self) -> None:
        """Kill what is left of it."""
        for pid in [self.main.pid, *self.others()]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.main.wait()


def arguments_of(kind: Kind, size: int, folder: Path) -> list[str]:
    """Return a command line that writes to a folder."""
    return [*(one.replace("{size}", str(size)) for one in kind.arguments), f"output_dir={folder}"]


def await_moment(command: Command, kind: Kind, folder: Path, early: float | None) -> bool:
    """Wait until its processes start, and so many seconds more, or, with None, until all of them work.

    Returns:
        whether it still runs.
    """
    deadline = time.monotonic() + _WAIT
    while command.main.poll() is None and time.monotonic() < deadline:
        if command.others() if early is not None else next(folder.glob(kind.working), None):
            time.sleep(early or 0.0)
            break
        time.sleep(0.05)
    return command.main.poll() is None


def results(folder: Path) -> dict[str, Any]:
    """Return what the runs in a folder have found, by their places."""
    kept = ("structure", "score", "accepted", "val_top1", "val_loss", "best_value")
    found: dict[str, Any] = {}
    for path in folder.rglob("result.json"):
        content = json.loads(path.read_text())
        found[str(path.relative_to(folder))] = {key: content[key] for key in kept if key in content}
    return found


def resumed(kind: Kind, folder: Path, place: Path) -> "tuple[int, str]":
    """Run a killed command to its end; return its exit code and what it said."""
    begun = any((folder / name).exists() for name in ("command.json", "sweep.json"))
    command = Command([f"resume={folder}"] if begun else arguments_of(kind, kind.size, folder), place)
    command.main.wait(_WAIT)
    return command.main.returncode, command.said


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--each", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    options = parser.parse_args()
    header()
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as parent:
        for name in options.kinds:
            kind, place = KINDS[name], Path(parent) / name
            whole = place / "whole"
            Command(arguments_of(kind, kind.size, whole), place).main.wait(_WAIT)
            expected = results(whole)
            longest, same, done, faults = 0.0, 0, 0, list[str]()
            if not expected:
                faults.append("the undisturbed run left no result")
            while done < options.each and expected:
                folder = place / f"killed-{done}"
                command = Command(arguments_of(kind, kind.size, folder), place)
                early = moments.uniform(0, 3) if done % 2 == 0 else None
                runs = await_moment(command, kind, folder, early)
                time.sleep(moments.uniform(0, 1) if early is None else 0.0)
                if not runs or command.main.poll() is not None:
                    shutil.rmtree(folder, ignore_errors=True)
                    continue
                before = len(command.said)
                command.kill()
                left, seconds = command.left_after(_LIMIT)
                longest = max(longest, seconds)
                faults += [f"{len(left)} processes are left"] * bool(left)
                after = command.said[before:]
                faults += [f"raw: {after[-400:]!r}"] * any(text in after for text in RAW)
                command.end()
                code, said = resumed(kind, folder, place)
                done += 1
                if code != 0:
                    faults.append(f"resume= ends with code {code}: {said[-400:]!r}")
                same += results(folder) == expected
            measured = f"last process gone after at most {longest:.1f} s, {len(faults)} faults, {same} of {done} end the same"
            row(
                f"{name}, {done} kills of the main process",
                measured,
                "none left after 10 s, all the same",
                not faults and same == done,
            )
            for fault in faults:
                print(f"  {fault}", flush=True)


if __name__ == "__main__":
    main()
