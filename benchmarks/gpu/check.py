"""What a GPU does with this project, in one command of at most eight minutes, without a network.

    python benchmarks/gpu/check.py --output check.json                        on a GPU
    python benchmarks/gpu/check.py --device cpu --quick --output check.json   the same lines on a CPU, in small

Every stage is a process of its own with a time budget; the JSON is written after each, so that what was reached is there
whatever happens. Nothing stops at the first failure. See README.md beside this file.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from processes import end_all, start
from schedule import HERE, ROOT, Schedule, environment_of
from stage import STAGES, chosen
from table import table

from report import read_json, write_json

PACK = ROOT / ".gpu-pack"
_SECONDS = 480.0
"""For all stages together; their own budgets in ``stage.py`` are made for it."""

_PREFLIGHT_SECONDS = 90.0
"""About ten are expected; the first import of torch on a machine that has just started takes longer."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("gpu-check.json"), help="JSON, written after every stage")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--quick", action="store_true", help="the least of each stage that still runs every line")
    parser.add_argument("--only", type=_names, default=[], help="stages, by comma")
    parser.add_argument("--skip", type=_names, default=[], help="stages, by comma")
    parser.add_argument("--cores", type=int, help="that stages beside each other share; by default all")
    parser.add_argument("--rates", default="0.1,0.2", help="learning rates of cifar10, for each 256 images, by comma")
    seconds = "for all stages together; 480, or 1800 with --quick. With more, each stage has more"
    parser.add_argument("--budget-seconds", type=float, help=seconds)
    parser.add_argument("--folder", type=Path, help="for the files of the stages; they are kept there")
    parser.add_argument("--list", action="store_true", help="show the stages and their budgets")
    options = parser.parse_args()
    try:
        stages = chosen(options.only, options.skip)
    except ValueError as error:
        parser.error(str(error))
    if options.list:
        for stage in STAGES:
            print(f"{stage.name:12} {stage.seconds:4.0f} s{', alone' * stage.alone}")
        return
    _golden_files()
    began = time.monotonic()
    output = options.output.absolute()
    output.parent.mkdir(parents=True, exist_ok=True)
    folder = (options.folder or Path(tempfile.mkdtemp(prefix="gpu-check-"))).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    content: dict[str, Any] = {"device": options.device, "quick": options.quick, "date": time.strftime("%Y-%m-%d %H:%M")}
    content |= {"commit": _commit(), "stages": {}}
    preflight = _preflight(options.device, folder)
    content["preflight"] = preflight
    write_json(output, content)
    if not preflight.get("ok"):
        print(f"preflight failed: {preflight.get('error', 'no answer')}", file=sys.stderr)
        sys.exit(2)
    print(preflight["line"], flush=True)

    def changed() -> None:
        content["stages"] = schedule.results
        content["seconds"] = round(time.monotonic() - began, 1)
        write_json(output, content)

    cores = options.cores or (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    os.environ["GPU_CHECK_RATES"] = options.rates
    whole = options.budget_seconds or (1800.0 if options.quick else _SECONDS)
    stretch = max(1.0, whole / _SECONDS)
    stages = [replace(stage, seconds=stage.seconds * stretch) for stage in stages]
    left = whole - (time.monotonic() - began)
    signal.signal(signal.SIGTERM, _stop)
    schedule = Schedule(stages, options.device, options.quick, folder, cores, left, changed)
    code = 0
    try:
        schedule.run()
    except KeyboardInterrupt:
        code = 130
    finally:
        changed()
        print(table(content, [stage.name for stage in stages]), flush=True)
        if options.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(code or any(result["status"] in ("failed", "killed", "no time") for result in schedule.results.values()))


def _preflight(device: str, folder: Path) -> dict[str, Any]:
    """Return what is installed here and whether the device answers; asked in a process, which a hanging driver cannot stop."""
    answer = folder / "preflight.json"
    command = [sys.executable, "-u", str(HERE / "preflight.py"), device, str(answer)]
    process = start(command, folder / "preflight.txt", environment_of(folder, 1))
    try:
        process.wait(_PREFLIGHT_SECONDS)
    except subprocess.TimeoutExpired:
        end_all(process.pid)
        process.wait()
        return {"ok": False, "error": f"no answer after {_PREFLIGHT_SECONDS:.0f} s: {_tail(folder / 'preflight.txt')}"}
    return read_json(answer) or {"ok": False, "error": _tail(folder / "preflight.txt")}


def _stop(signum: int, frame: FrameType | None) -> None:
    """End as Ctrl-C does: the stages that run are killed, and the table is still printed."""
    raise KeyboardInterrupt


def _golden_files() -> None:
    """Say where the golden files are: ZEN_GOLDEN, else the pack, else beside the checkout (``benchmarks/common.py``)."""
    if "ZEN_GOLDEN" not in os.environ and (PACK / "golden").is_dir():
        os.environ["ZEN_GOLDEN"] = str(PACK / "golden")


def _commit() -> str:
    """Return the commit that ``pack.sh`` recorded, else what git says: a copy of a working tree may carry another history."""
    recorded = PACK / "commit"
    if recorded.is_file():
        return recorded.read_text().strip()
    try:
        git = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError:
        git = None
    if git is not None and git.returncode == 0:
        return git.stdout.strip()
    return "unknown"


def _tail(path: Path) -> str:
    return path.read_text(errors="replace")[-1500:] if path.exists() else ""


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


if __name__ == "__main__":
    main()
