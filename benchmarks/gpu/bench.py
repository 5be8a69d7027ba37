"""What a stage is given: the device, its folders, its report, and the product's own command line."""

import csv
import json
import os
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from report import Report

ROOT = Path(__file__).resolve().parents[2]

NETWORK = "SuperConvK3BNRELU(3,16,1,1)SuperResIDWE2K3(16,24,2,16,1)SuperResK3K3(24,32,2,24,1)SuperConvK1BNRELU(32,64,1,1)"
"""Small, with depthwise and plain convolutions; features at a half and a quarter of the input."""


@dataclass
class Bench:
    """What a stage is given.

    Attributes:
        device: ``cuda`` or ``cpu``.
        quick: whether the least is done that still runs every line.
        folder: of this stage alone.
        shared: of all stages.
        report: of this stage.
        cores: that it may take.
    """

    device: str
    quick: bool
    folder: Path
    shared: Path
    report: Report
    cores: int

    @property
    def on_gpu(self) -> bool:
        """Whether the device is a GPU."""
        return self.device == "cuda"

    @property
    def trainer(self) -> list[str]:
        """Arguments that choose the device for a training, one process of it."""
        return [f"trainer.accelerator={'gpu' if self.on_gpu else 'cpu'}", "trainer.devices=1", "logger=none"]

    def digits(self, *more: str, epochs: int = 3) -> list[str]:
        """Return the arguments of a small training on digits; ``more`` overrides."""
        small = ["limit=256", "resolution=8"] if self.quick else ["resolution=16"]
        given = {argument.partition("=")[0] for argument in more}
        arguments = [f"arch={NETWORK}", "dataset=digits", f"recipe.epochs={epochs}", *small, *self.trainer]
        return [argument for argument in arguments if argument.partition("=")[0] not in given] + list(more)

    def command(self, name: str, *arguments: str) -> dict[str, Any]:
        """Run one command of the product in this process, and return its ``result.json``.

        Args:
            name: of the folder of the run, in that of the stage.
            arguments: of the command line.

        Raises:
            RuntimeError: it ended with another code than 0.
        """
        from hydra.core.global_hydra import GlobalHydra

        from zen_lightning.cli.main import main

        folder = self.folder / name
        sys.argv = ["run.py", *arguments, f"output_dir={folder}"]
        print(f"$ run.py {shlex.join(sys.argv[1:])}", flush=True)
        GlobalHydra.instance().clear()
        os.environ["HYDRA_FULL_ERROR"] = "1"  # Errors come as tracebacks, which say more than the sentence.
        began, code = time.monotonic(), 0
        try:
            main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        if code:
            raise RuntimeError(f"exit code {code} of run.py {shlex.join(sys.argv[1:])}")
        print(f"  {time.monotonic() - began:.1f} s", flush=True)
        return result_of(folder)

    def start(self, name: str, *arguments: str, script: Path = ROOT / "run.py", **environment: str) -> subprocess.Popen[bytes]:
        """Start one command in a process of its own, its output in ``NAME.log``; environment variables by name."""
        arguments = (*arguments, f"output_dir={self.folder / name}")
        print(f"$ {script.name} {shlex.join(arguments)}", flush=True)
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-u", str(script), *arguments], stdout=log, stderr=log, env=os.environ | environment
            )

    def log_tail(self, name: str, characters: int = 1200) -> str:
        """Return the end of what a started command printed."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace")[-characters:] if path.exists() else ""

    def ended(self, name: str, process: subprocess.Popen[bytes], code: int = 0) -> dict[str, Any]:
        """Wait for a started command, and return its result.

        Raises:
            RuntimeError: it ended with another code than expected.
        """
        found = process.wait()
        if found != code:
            raise RuntimeError(f"{name} ended with {found}, not {code}: {self.log_tail(name)}")
        return result_of(self.folder / name)


def result_of(folder: Path) -> dict[str, Any]:
    """Return the ``result.json`` of a run; empty where there is none."""
    path = folder / "result.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def history_of(folder: Path) -> list[dict[str, float]]:
    """Return the epochs of a training so far."""
    path = folder / "history.csv"
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [{key: float(value) for key, value in row.items() if value} for row in csv.DictReader(file)]
