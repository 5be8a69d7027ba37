"""How much of this project a command takes: modules imported, and files entered before a training starts.

python benchmarks/module_counts.py
"""

import inspect
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "zen_lightning"
LOWER = ("arch", "budget", "data", "nets", "proxy", "search", "space", "system", "tracking", "training", "zoo")
"""Rooms of the library; the others (cli, config, tasks, runs, api, report, launch) are the storey above them."""
TRAIN = (
    "task=train",
    "arch='SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,8,2,8,1)'",
    *("dataset=digits", "resolution=8", "limit=64", "recipe.epochs=2", "recipe.batch_size=16", "trainer=cpu"),
)
SEARCH = ("search=zen", "budget=params1M", "search.iterations=100", "search.population_size=16")


class Started(BaseException):
    """The training would start now."""


def main() -> None:
    if sys.argv[1:2] == ["--trace"]:
        print("\n" + json.dumps(trace(sys.argv[2:])))
        return
    from common import header, row  # It imports the package, which would count.

    header()
    train, searched = counted(TRAIN), counted(SEARCH)
    upper = [name for name in train["entered"] if name.split("/")[0].removesuffix(".py") not in LOWER]
    modules = len(train["imported"])
    row("`task=train`: own modules imported when the training starts", f"{modules}", "at most 120", modules <= 120)
    row("`task=train`: own files entered until then", f"{len(train['entered'])}", "at most 30", len(train["entered"]) <= 30)
    row("... of them above the library's rooms", f"{len(upper)}", "at most 30", len(upper) <= 30)
    modules = len(searched["imported"])
    row("`search=zen`: own modules imported when the result is to be written", f"{modules}", "at most 100", modules <= 100)


def counted(arguments: tuple[str, ...]) -> dict[str, list[str]]:
    """Return what a command imports and enters, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--trace", *arguments, f"output_dir={folder}/run"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        ended = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    found: dict[str, list[str]] = json.loads(ended.stdout.splitlines()[-1])
    return found


def trace(arguments: list[str]) -> dict[str, list[str]]:
    """Run a command until its training starts, or its result is to be written.

    A file is entered when a function of it is called, also while another module is imported; the bodies of modules and
    classes are no functions.
    """
    entered: dict[str, None] = {}

    def note(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call" and code.co_flags & inspect.CO_OPTIMIZED and code.co_filename.startswith(f"{PACKAGE}/"):
            entered[str(Path(code.co_filename).relative_to(PACKAGE))] = None

    def stop(*_: Any, **__: Any) -> NoReturn:
        raise Started

    import pytorch_lightning

    import zen_lightning.tasks.base as base
    from zen_lightning.cli.main import main as run

    pytorch_lightning.Trainer.fit = stop  # type: ignore[method-assign]
    base.Task.leave = stop  # type: ignore[method-assign]
    sys.argv[1:] = arguments
    sys.setprofile(note)
    try:
        run()
    except Started:
        pass
    finally:
        sys.setprofile(None)
    imported = [name for name in sys.modules if name.split(".")[0] == "zen_lightning"]
    return {"entered": sorted(entered), "imported": sorted(imported)}


if __name__ == "__main__":
    main()
